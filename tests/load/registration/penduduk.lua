-- wrk: POST /penduduk, each request another person. Arguments: a file of access tokens, used in turn (or "-"), a file
-- of provinces ("32 Jawa Barat"), and the number of the first person.
local tokens, provinces = {}, {}
local nth, host

function init(args)
  if args[1] ~= "-" then for line in io.lines(args[1]) do tokens[#tokens + 1] = line end end
  for line in io.lines(args[2]) do provinces[#provinces + 1] = { line:sub(1, 2), line:sub(4) } end
  nth = tonumber(args[3])
  host = wrk.host .. ":" .. wrk.port
end

-- Region, day of birth (women + 40), month, year, serial: valid, and beyond the serials that are ever issued.
local function nik(kode, n)
  local day, rest = n % 28 + 1, math.floor(n / 28)
  if n % 2 == 1 then day = day + 40 end
  local month = rest % 12 + 1
  rest = math.floor(rest / 12)
  return string.format("%s0101%02d%02d%02d%04d", kode, day, month, rest % 100, 9000 + math.floor(rest / 100) % 1000)
end

local function letters(n)
  local text = ""
  repeat
    text = text .. string.char(97 + n % 26)
    n = math.floor(n / 26)
  until n == 0
  return text
end

function request()
  local province = provinces[nth % #provinces + 1]
  local n = math.floor(nth / #provinces)
  local body = string.format(
    '{"nik":"%s","nama":"Warga Uji %s","alamat":"Jl. Merdeka No. %d RT 01 RW 02, Kelurahan Contoh","provinsi":"%s"}',
    nik(province[1], n), letters(nth), nth % 500 + 1, province[2])
  local auth = #tokens > 0 and "Authorization: Bearer " .. tokens[nth % #tokens + 1] .. "\r\n" or ""
  nth = nth + 1
  return "POST /penduduk HTTP/1.1\r\nHost: " .. host .. "\r\nContent-Type: application/json\r\n" .. auth ..
    "Content-Length: " .. #body .. "\r\n\r\n" .. body
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"us":%d,"p50":%d,"p95":%d,"p99":%d,"max":%d,"status":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(95), latency:percentile(99),
    latency.max, e.status, e.connect, e.read, e.write, e.timeout))
end
