-- Sends the bodies of a file in turn by wrk and prints what came of it as one line of JSON.
-- Usage: wrk ... -s wrk.lua URL -- BODIES HEAD_FILE FIRST_VIEWER ("-" when requests may be the same)
local bodies, head, viewer, place = {}, "", 0, 0

function init(args)
  for line in io.lines(args[1]) do bodies[#bodies + 1] = line end
  local file = assert(io.open(args[2], "rb"))
  head = file:read("*a")
  file:close()
  for place, body in ipairs(bodies) do
    bodies[place] = "content-length: " .. #body .. "\r\n\r\n" .. body
  end
  if args[3] ~= "-" then
    viewer = tonumber(args[3])
    request = unique_request
  else
    for place, body in ipairs(bodies) do bodies[place] = head .. body end
    request = next_request
  end
end

function next_request()
  place = place % #bodies + 1
  return bodies[place]
end

function unique_request()
  place = place % #bodies + 1
  viewer = viewer + 1
  return head .. "authorization: Bearer viewer-" .. viewer .. "\r\n" .. bodies[place]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %f, "bytes": %d, "failures": %d, "p50_ms": %f, "p95_ms": %f, "p99_ms": %f, "max_ms": %f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
