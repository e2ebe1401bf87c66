internal import Clocks
internal import OpenDWire
internal import Protobuf

/// The user's own lists and reminders.
extension OpenDGateway {
    func answerLists(_ request: GatewayRequest) throws(GatewayRefusal) -> (any Message)? {
        switch request.id {
        case 3213: return try userList(try request.read())
        case 3214: return try modifyUserList(try request.read())
        case 3220: return try setReminder(try request.read())
        case 3221: return try getReminders(try request.read())
        case 3222: return try userGroups(try request.read())
        default: return nil
        }
    }

    // MARK: Lists

    private func userList(_ c2s: OpenD.QotGetUserSecurity.C2S) throws(GatewayRefusal) -> OpenD.QotGetUserSecurity.S2C {
        guard let codes = lists.codes(c2s.groupName) else { throw GatewayRefusal("Unknown group") }
        var answer = OpenD.QotGetUserSecurity.S2C()
        answer.staticInfoList = codes.compactMap { GatewayInstrument($0, at: now)?.staticInfo(at: now) }
        return answer
    }

    private func modifyUserList(_ c2s: OpenD.QotModifyUserSecurity.C2S) throws(GatewayRefusal)
        -> OpenD.QotModifyUserSecurity.S2C
    {
        guard lists.isCustom(c2s.groupName) else { throw GatewayRefusal("Only groups of one's own can be changed") }
        guard c2s.securityList.count <= UserLists.bound else { throw .tooMany }
        var codes: [GatewayCode] = []
        for security in c2s.securityList { codes.append(try instrument(security).code) }
        switch c2s.op {
        case 1:
            guard lists.add(codes, to: c2s.groupName) else { throw .tooMany }
        case 2, 3: lists.remove(codes, from: c2s.groupName, everywhere: c2s.op == 2)
        default: throw .invalid("op")
        }
        return OpenD.QotModifyUserSecurity.S2C()
    }

    private func userGroups(_ c2s: OpenD.QotGetUserSecurityGroup.C2S) throws(GatewayRefusal)
        -> OpenD.QotGetUserSecurityGroup.S2C
    {
        guard (1...3).contains(c2s.groupType) else { throw .invalid("groupType") }
        var answer = OpenD.QotGetUserSecurityGroup.S2C()
        for (name, isCustom) in lists.groups where c2s.groupType == 3 || isCustom == (c2s.groupType == 1) {
            var group = OpenD.QotGetUserSecurityGroup.GroupData()
            group.groupName = name
            group.groupType = isCustom ? 1 : 2
            answer.groupList.append(group)
        }
        return answer
    }

    // MARK: Reminders

    private func setReminder(_ c2s: OpenD.QotSetPriceReminder.C2S) throws(GatewayRefusal)
        -> OpenD.QotSetPriceReminder.S2C
    {
        let code = try instrument(c2s.security).code
        var answer = OpenD.QotSetPriceReminder.S2C()
        switch c2s.op {
        case 1:
            guard let type = c2s.type, (1...15).contains(type) else { throw .invalid("type") }
            guard let value = c2s.value, value.isFinite else { throw .invalid("value") }
            guard (1...3).contains(c2s.freq ?? 1) else { throw .invalid("freq") }
            guard reminders.count(code, type) < 10, reminders.all.count < GatewayReminders.bound else { throw .tooMany }
            answer.key = reminders.add(
                GatewayReminders.Reminder(
                    code: code, type: type, value: value, note: String((c2s.note ?? "").prefix(100)),
                    frequency: c2s.freq ?? 1, sessions: Array(c2s.reminderSessionList.prefix(4))))
        case 6:
            reminders.remove { $0.code == code }
        case 2, 3, 4, 5:
            guard let key = c2s.key, reminders.all[key]?.code == code else { throw GatewayRefusal("Unknown reminder") }
            answer.key = key
            if c2s.op == 2 { reminders.remove { $0.key == key } } else { reminders.change(key, c2s) }
        default: throw .invalid("op")
        }
        return answer
    }

    private func getReminders(_ c2s: OpenD.QotGetPriceReminder.C2S) throws(GatewayRefusal)
        -> OpenD.QotGetPriceReminder.S2C
    {
        var code: GatewayCode?
        if let security = c2s.security, !security.code.isEmpty { code = try instrument(security).code }
        var answer = OpenD.QotGetPriceReminder.S2C()
        let wanted = reminders.all.values.filter { reminder in
            if let code { return reminder.code == code }
            guard let market = c2s.market, market != 0 else { return true }
            return reminder.code.market == GatewayCode(market, "").market
        }
        for (code, items) in Dictionary(grouping: wanted, by: \.code).sorted(by: { $0.key.text < $1.key.text }) {
            guard let instrument = GatewayInstrument(code, at: now) else { continue }
            var group = OpenD.QotGetPriceReminder.PriceReminder()
            group.security = code.message
            group.name = instrument.name(instrument.zone.civil(at: now).date)
            group.itemList = items.sorted { $0.key < $1.key }.map(\.message)
            answer.priceReminderList.append(group)
        }
        return answer
    }

    /// Tells of the reminders a trade has set off. Those are told to every connection.
    func fireReminders(_ listing: SimulatedListing) {
        for reminder in reminders.all.values.sorted(by: { $0.key < $1.key }) where reminder.isEnabled {
            guard let instrument = GatewayInstrument(reminder.code, at: now),
                instrument.source.symbol == listing.security.symbol
            else { continue }
            let view = GatewayView(instrument, listing, at: now)
            guard let figures = view.figures, let value = reminder.current(view, figures) else { continue }
            guard reminders.isSetOff(reminder.key, isReached: reminder.isReached(value), today: view.today) else {
                continue
            }
            var update = OpenD.QotUpdatePriceReminder.S2C()
            update.security = reminder.code.message
            update.name = view.name
            update.price = GatewayView.amount(figures.last)
            update.changeRate = figures.changeRate
            update.marketStatus = listing.active?.reminderStatus ?? 0
            update.content = "\(reminder.code.text) has reached \(reminder.value)"
            update.note = reminder.note
            update.key = reminder.key
            update.type = reminder.type
            update.setValue = reminder.value
            update.curValue = value
            for connection in connections.values where connection.isReady { later(3019, update, to: connection.id) }
        }
    }
}

extension TradingSession {
    /// The gateway's number.
    fileprivate var reminderStatus: Int32 {
        switch self {
        case .regular: 1
        case .preMarket: 2
        case .postMarket: 3
        case .overnight: 4
        }
    }
}
