"""The HTTP edge: bytes of one HTTP request come in, bytes of one HTTP response go out.

Steps of a GraphQL request: headers and request id, method and CORS, CSRF, negotiation of the media type,
body within its limit, parameters of the right shape, the pipeline (within the deadline, while the client
stays), status by policy, encoding, access log. `endpoint.py` tells this story; each step is a file.
`app.py` adds what is not hot: health, readiness and the GraphiQL page.
It decides nothing about GraphQL: documents, limits of documents and execution belong to the pipeline.
"""
