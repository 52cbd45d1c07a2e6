-- Load for wrk: arguments are a file of bodies and one of headers, a line each. Prints JSON.
local requests, place = {}, 0

function init(arguments)
  local headers = {}
  for line in io.lines(arguments[2]) do
    local name, value = line:match("^([^:]+): (.*)$")
    headers[name] = value
  end
  for body in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
  end
end

function request()
  place = place % #requests + 1
  return requests[place]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('{"perSecond": %.1f, "p50": %.2f, "p99": %.2f, "failed": %d}\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, failed))
end
