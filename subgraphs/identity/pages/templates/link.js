// The token stands behind the `#`, which no server is sent: it goes into the form, for a click to send.
const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) document.getElementById("token").value = given;
for (const link of document.querySelectorAll("footer a")) link.hash = location.hash;
