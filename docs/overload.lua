-- Orders as fast as they are answered, for wrk: how many were taken, and how many refused.
-- The clients heed no Retry-After: there are no worse ones. docs/operations.md says how to call it.

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"productId":1,"qty":1,"paymentType":"cash","cost":1000,"productName":"Coffee"}'
local threads = {}
function setup(thread) thread:set("id", #threads); table.insert(threads, thread) end
function init(args) ok=0; shed=0; other=0 end
function response(status, headers, body)
  if status == 201 then ok = ok + 1 elseif status == 503 then shed = shed + 1 else other = other + 1 end
end
function done(summary, latency, requests)
  local a,b,c = 0,0,0
  for _,t in ipairs(threads) do a=a+t:get("ok"); b=b+t:get("shed"); c=c+t:get("other") end
  local s = summary.duration/1e6
  print(string.format("goodput %.0f/s  shed %.0f/s  other %d  p99 %.1f ms", a/s, b/s, c, latency:percentile(99)/1000))
end
