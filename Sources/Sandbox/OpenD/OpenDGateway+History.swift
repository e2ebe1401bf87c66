internal import Clocks
internal import OpenDWire
internal import Protobuf

/// Candles of the past, and what of their quota is used.
extension OpenDGateway {
    func answerHistory(_ request: GatewayRequest) throws(GatewayRefusal) -> (any Message)? {
        switch request.id {
        case 3103: return try historyCandles(try request.read())
        case 3104: return try historyQuota(try request.read())
        default: return nil
        }
    }

    /// The most candles in one answer.
    private static let historyBound = 10_000

    private func historyCandles(_ c2s: OpenD.QotRequestHistoryKL.C2S) throws(GatewayRefusal)
        -> OpenD.QotRequestHistoryKL.S2C
    {
        let view = try view(c2s.security)
        let instrument = view.instrument
        guard let period = GatewayPeriod.period(c2s.klType), (0...2).contains(c2s.rehabType) else {
            throw .invalid("klType or rehabType")
        }
        guard let begin = GatewayTime.parse(c2s.beginTime, instrument.zone),
            let end = GatewayTime.parse(c2s.endTime, instrument.zone, isEnd: true), begin <= end
        else { throw .invalid("beginTime or endTime") }
        if let count = c2s.maxAckKLNum, count < 1 { throw .invalid("maxAckKLNum") }
        var from = begin
        if let key = c2s.nextReqKey, !key.isEmpty {
            guard let next = Int64(String(decoding: key, as: UTF8.self)), next >= begin.milliseconds else {
                throw .invalid("nextReqKey")
            }
            from = WallTime(milliseconds: next)
        } else {
            // Pages that follow are free.
            try admit(3103)
            guard history.use(instrument.code, limit: limits.historyQuota, now: now) else {
                throw GatewayRefusal("The quota of historical candlesticks is used up")
            }
        }
        let count = min(Int(c2s.maxAckKLNum ?? Int32(OpenDGateway.historyBound)), OpenDGateway.historyBound)
        let isExtended = c2s.extendedTime == true || (c2s.session ?? 0) >= 2
        let candles = GatewayCandles(
            view: view, period: period, adjustment: c2s.rehabType, includesExtended: isExtended,
            isDatedAtStart: choices.datesBarsAtStart, now: now)
        var lines = candles.lines(CandleRange(from: from, through: end, count: count + 1, isForward: true))
        var answer = OpenD.QotRequestHistoryKL.S2C()
        answer.security = instrument.code.message
        answer.name = view.name
        if lines.count > count, let next = lines[count].timestamp {
            lines.removeLast(lines.count - count)
            answer.nextReqKey = Array("\(Int64((next * 1000).rounded()))".utf8)
        }
        if let wanted = c2s.needKLFieldsFlag, wanted != 0 { lines = lines.map { $0.only(wanted) } }
        answer.klList = lines
        return answer
    }

    private func historyQuota(_ c2s: OpenD.QotRequestHistoryKLQuota.C2S) throws(GatewayRefusal)
        -> OpenD.QotRequestHistoryKLQuota.S2C
    {
        var answer = OpenD.QotRequestHistoryKLQuota.S2C()
        let used = history.used(at: now)
        answer.usedQuota = Int32(clamping: used.count)
        answer.remainQuota = Int32(clamping: max(0, limits.historyQuota - used.count))
        guard c2s.bGetDetail == true else { return answer }
        for (code, time) in used {
            guard let instrument = GatewayInstrument(code, at: now) else { continue }
            var item = OpenD.QotRequestHistoryKLQuota.DetailItem()
            item.security = code.message
            item.requestTime = GatewayTime.text(time, instrument.zone)
            item.requestTimeStamp = time.seconds
            item.name = instrument.name(instrument.zone.civil(at: now).date)
            answer.detailList.append(item)
        }
        return answer
    }
}

/// Securities whose past was asked for: each takes one unit for thirty days.
struct PastQuota: Sendable {
    private var asked: [GatewayCode: WallTime] = [:]
    private static let life = Duration.seconds(30 * 86_400)

    /// Counts a security; whether the quota allows it.
    mutating func use(_ code: GatewayCode, limit: Int, now: WallTime) -> Bool {
        asked = asked.filter { now - $0.value < PastQuota.life }
        guard asked[code] == nil else { return true }
        guard asked.count < limit else { return false }
        asked[code] = now
        return true
    }

    /// Those that count now, newest first.
    func used(at now: WallTime) -> [(code: GatewayCode, time: WallTime)] {
        asked.filter { now - $0.value < PastQuota.life }.sorted { $0.value > $1.value }.map { ($0.key, $0.value) }
    }
}

extension OpenD.QotCommon.KLine {
    /// Without the figures that are not among those wanted, by the gateway's bits.
    fileprivate func only(_ wanted: Int64) -> OpenD.QotCommon.KLine {
        var line = self
        if wanted & 1 == 0 { line.highPrice = nil }
        if wanted & 2 == 0 { line.openPrice = nil }
        if wanted & 4 == 0 { line.lowPrice = nil }
        if wanted & 8 == 0 { line.closePrice = nil }
        if wanted & 16 == 0 { line.lastClosePrice = nil }
        if wanted & 32 == 0 { line.volume = nil }
        if wanted & 64 == 0 { line.turnover = nil }
        if wanted & 128 == 0 { line.turnoverRate = nil }
        if wanted & 256 == 0 { line.pe = nil }
        if wanted & 512 == 0 { line.changeRate = nil }
        return line
    }
}
