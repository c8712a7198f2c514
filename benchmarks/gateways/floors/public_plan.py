"""The plan of the public operation by hand: six fetches in four steps, decoded into Structs in output order.

The Structs of a fetch that brings only keys have room for the fields of later ones. A product at the end of a
branch is the same wherever its upc stands, so it is encoded once and its bytes are put in everywhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

import msgspec

Row = TypeVar("Row")


class Posts(Protocol):
    """Sends requests to one subgraph."""

    def post(self, body: bytes, authorization: str) -> Awaitable[bytes]:
        """Sends one at once; what is returned holds the response's body."""
        ...


Connect = Callable[[str], Posts]


class Product(msgspec.Struct, gc=False, kw_only=True):
    """A product with what two subgraphs say of it, in the order of the response."""

    inStock: bool | None = None  # noqa: N815 - the wire's name
    name: str | None = None
    price: int | None = None
    shippingEstimate: int | None = None  # noqa: N815 - the wire's name
    upc: str
    weight: int | None = None


class EndReview(msgspec.Struct, gc=False):
    """A review whose product ends a branch; its bytes take the place of the key."""

    id: str
    body: str | None
    product: Product | msgspec.Raw | None


class Author(msgspec.Struct, gc=False, kw_only=True):
    """The author of a review."""

    id: str
    username: str | None = None
    name: str | None = None
    reviews: list[EndReview | None] | None = None


class ReviewOfProduct(msgspec.Struct, gc=False):
    """A review below a product."""

    id: str
    body: str | None
    author: Author | None


class MiddleProduct(Product, gc=False, kw_only=True):
    """A product with reviews below it."""

    reviews: list[ReviewOfProduct | None] | None = None


class ReviewOfUser(msgspec.Struct, gc=False):
    """A review below a user."""

    id: str
    body: str | None
    product: MiddleProduct | None


class User(msgspec.Struct, gc=False, kw_only=True):
    """A user with reviews below it."""

    id: str
    username: str | None = None
    name: str | None = None
    reviews: list[ReviewOfUser | None] | None = None


class UserReviews(msgspec.Struct, gc=False):
    """What the reviews subgraph knows of a user."""

    reviews: list[ReviewOfUser | None] | None


class ProductReviews(msgspec.Struct, gc=False):
    """What the reviews subgraph knows of a product."""

    reviews: list[ReviewOfProduct | None] | None


class ProductFacts(msgspec.Struct, gc=False):
    """What the products subgraph knows of a product."""

    name: str | None
    price: int | None
    weight: int | None


class StockFacts(msgspec.Struct, gc=False):
    """What the inventory subgraph knows of a product."""

    inStock: bool | None  # noqa: N815 - the wire's name
    shippingEstimate: int | None  # noqa: N815 - the wire's name


class NameFact(msgspec.Struct, gc=False):
    """What the accounts subgraph adds to an author."""

    name: str | None


class Users(msgspec.Struct):
    """The first fetch from accounts."""

    users: list[User]


class TopProducts(msgspec.Struct):
    """The first fetch from products."""

    topProducts: list[MiddleProduct]  # noqa: N815 - the wire's name


class Reviews(msgspec.Struct):
    """The fetch from reviews, for users and products at once."""

    users: list[UserReviews]
    products: list[ProductReviews]


class Entities(msgspec.Struct, Generic[Row]):
    """A fetch of one kind of entity."""

    rows: list[Row]


class Answer(msgspec.Struct, Generic[Row]):
    """The response of a subgraph."""

    data: Row


class Result(msgspec.Struct):
    """The data of the response."""

    users: list[User]
    topProducts: list[MiddleProduct]  # noqa: N815 - the wire's name


_decode_users = msgspec.json.Decoder(Answer[Users]).decode
_decode_top_products = msgspec.json.Decoder(Answer[TopProducts]).decode
_decode_reviews = msgspec.json.Decoder(Answer[Reviews]).decode
_decode_products = msgspec.json.Decoder(Answer[Entities[ProductFacts]]).decode
_decode_stock = msgspec.json.Decoder(Answer[Entities[StockFacts]]).decode
_decode_names = msgspec.json.Decoder(Answer[Entities[NameFact]]).decode
_encode = msgspec.json.Encoder().encode

_END = b'"}'
_USERS = b'{"query":"{users{id username name}}"}'
_TOP_PRODUCTS = b'{"query":"{topProducts{upc name price weight}}"}'
_REVIEWS = (
    b'{"query":"query($u:[_Any!]!,$p:[_Any!]!){users:_entities(representations:$u){...on User{reviews{id body'
    b" product{upc reviews{id body author{id username reviews{id body product{upc}}}}}}}}"
    b" products:_entities(representations:$p){...on Product{reviews{id body author{id username reviews{id"
    b' body product{upc}}}}}}}","variables":{"u":[%b],"p":[%b]}}'
)
_ENTITIES = (
    b'{"query":"query($r:[_Any!]!){rows:_entities(representations:$r){...on %b}}","variables":{"r":[%%b]}}'
)
_PRODUCTS = _ENTITIES % b"Product{name price weight}"
_NAMES = _ENTITIES % b"User{name}"
_STOCK = _ENTITIES % b"Product{inStock shippingEstimate}"


class PublicPlan:
    """Executes the public operation over the four subgraphs."""

    def __init__(self, connect: Connect) -> None:
        self._accounts = connect("accounts")
        self._products = connect("products")
        self._reviews = connect("reviews")
        self._inventory = connect("inventory")

    async def execute(self, authorization: str) -> bytes:
        """Returns the response; `authorization` is a header line for the subgraphs, or empty."""
        users_sent = self._accounts.post(_USERS, authorization)
        products_sent = self._products.post(_TOP_PRODUCTS, authorization)
        users = _decode_users(await users_sent).data.users
        top = _decode_top_products(await products_sent).data.topProducts
        user_keys = b",".join([b'{"__typename":"User","id":"%b"}' % user.id.encode() for user in users])
        request = _REVIEWS % (user_keys, _product_keys([product.upc for product in top]))
        reviews = _decode_reviews(await self._reviews.post(request, authorization)).data
        tree = _Tree(users, top, reviews)
        names_sent = self._accounts.post(_NAMES % tree.author_keys(), authorization)
        missing = list(tree.products)
        facts_sent = self._products.post(_PRODUCTS % _product_keys(missing), authorization)
        for upc, fact in zip(missing, _decode_products(await facts_sent).data.rows, strict=True):
            tree.add_facts(upc, fact)
        asked, keys = tree.stock_keys()
        stock_sent = self._inventory.post(_STOCK % keys, authorization)
        names = _decode_names(await names_sent).data.rows
        for authors, fact in zip(tree.authors.values(), names, strict=True):
            for author in authors:
                author.name = fact.name
        for upc, fact in zip(asked, _decode_stock(await stock_sent).data.rows, strict=True):
            tree.add_stock(upc, fact)
        return b'{"data":' + _encode(Result(users, top)) + b"}"


class _Tree:
    """What reviews brought, hung below users and products; who still misses something, by key."""

    def __init__(self, users: list[User], top: list[MiddleProduct], reviews: Reviews) -> None:
        self.top = top
        self.products: dict[str, list[MiddleProduct]] = {}
        self.ends: dict[str, list[EndReview]] = {}
        self.authors: dict[str, list[Author]] = {}
        for user, found in zip(users, reviews.users, strict=True):
            user.reviews = found.reviews
            for review in found.reviews or ():
                if review is not None and (product := review.product) is not None:
                    self.products.setdefault(product.upc, []).append(product)
                    self._walk(product)
        for product, found in zip(top, reviews.products, strict=True):
            product.reviews = found.reviews
            self._walk(product)
        for upc in self.ends:
            self.products.setdefault(upc, [])
        self._facts: dict[str, ProductFacts] = {}

    def _walk(self, product: MiddleProduct) -> None:
        ends, authors = self.ends, self.authors
        for review in product.reviews or ():
            if review is None or (author := review.author) is None:
                continue
            authors.setdefault(author.id, []).append(author)
            for end in author.reviews or ():
                if end is not None and type(end.product) is Product:
                    ends.setdefault(end.product.upc, []).append(end)

    def author_keys(self) -> bytes:
        return b",".join([b'{"__typename":"User","id":"%b"}' % each.encode() for each in self.authors])

    def add_facts(self, upc: str, fact: ProductFacts) -> None:
        self._facts[upc] = fact
        for product in self.products[upc]:
            product.name, product.price, product.weight = fact.name, fact.price, fact.weight

    def stock_keys(self) -> tuple[list[str], bytes]:
        """Returns whom to ask for and their representations; the top products have their facts already."""
        wanted: dict[str, ProductFacts | MiddleProduct] = {product.upc: product for product in self.top}
        wanted |= self._facts
        keys = [
            b'{"__typename":"Product","upc":"%b","price":%b,"weight":%b}'
            % (upc.encode(), _number(fact.price), _number(fact.weight))
            for upc, fact in wanted.items()
        ]
        return list(wanted), b",".join(keys)

    def add_stock(self, upc: str, stock: StockFacts) -> None:
        in_stock, estimate = stock.inStock, stock.shippingEstimate
        for product in (*self.products.get(upc, ()), *(each for each in self.top if each.upc == upc)):
            product.inStock, product.shippingEstimate = in_stock, estimate
        ends = self.ends.get(upc)
        if ends is None:
            return
        fact = self._facts[upc]
        whole = Product(
            upc=upc,
            inStock=in_stock,
            shippingEstimate=estimate,
            name=fact.name,
            price=fact.price,
            weight=fact.weight,
        )
        encoded = msgspec.Raw(_encode(whole))
        for review in ends:
            review.product = encoded


def _product_keys(upcs: list[str]) -> bytes:
    return b",".join([b'{"__typename":"Product","upc":"%b"}' % upc.encode() for upc in upcs])


def _number(value: int | None) -> bytes:
    return b"null" if value is None else b"%d" % value
