internal import Bytes

/// A control call that cannot be carried out, and why.
struct ControlMistake: Error, Equatable {
    let message: String
}

/// The members of a control call's body, each taken once; what is left over at the end is a mistake.
struct ControlFields {
    private var members: [String: JSONValue] = [:]

    /// An empty body has no members.
    init(_ body: [UInt8]) throws(ControlMistake) {
        guard !body.isEmpty else { return }
        guard let object = (try? JSONValue.parse(body))?.objectValue else {
            throw ControlMistake(message: "not a JSON object")
        }
        members = Dictionary(object.members.map { ($0.name, $0.value) }) { first, _ in first }
    }

    private init(_ value: JSONValue, of name: String) throws(ControlMistake) {
        guard let object = value.objectValue else { throw ControlMistake(message: "\(name) is no object") }
        members = Dictionary(object.members.map { ($0.name, $0.value) }) { first, _ in first }
    }

    /// Everything must have been taken.
    func finish() throws(ControlMistake) {
        if let name = members.keys.min() { throw ControlMistake(message: "unknown member \(name.prefix(100))") }
    }

    private mutating func take<Value>(
        _ name: String, _ kind: String, _ read: (JSONValue) -> Value?
    ) throws(ControlMistake) -> Value? {
        guard let value = members.removeValue(forKey: name) else { return nil }
        guard let result = read(value) else { throw ControlMistake(message: "\(name) is not \(kind)") }
        return result
    }

    mutating func boolean(_ name: String) throws(ControlMistake) -> Bool? {
        try take(name, "true or false") { $0.boolValue }
    }

    mutating func text(_ name: String) throws(ControlMistake) -> String? {
        try take(name, "a text") { $0.stringValue }
    }

    mutating func integer(_ name: String, _ range: ClosedRange<Int>) throws(ControlMistake) -> Int? {
        try take(name, "a whole number from \(range.lowerBound) to \(range.upperBound)") { value in
            value.intValue.flatMap { Int(exactly: $0) }.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _: Choice.Type
    ) throws(ControlMistake) -> Choice? where Choice.RawValue == String {
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return try take(name, "one of \(words)") { $0.stringValue.flatMap { Choice(rawValue: $0) } }
    }

    private mutating func object(_ name: String) throws(ControlMistake) -> [(name: String, value: JSONValue)]? {
        try take(name, "an object") { $0.objectValue?.members }
    }

    /// What lasts: members that are not named stay as they are.
    mutating func faults(_ before: SandboxFaults) throws(ControlMistake) -> SandboxFaults {
        var faults = before
        if let value = try boolean("silent") { faults.isSilent = value }
        if let value = try boolean("mute") { faults.isMute = value }
        if let value = try boolean("frozen") { faults.isFrozen = value }
        if let value = try boolean("refuse_logins") { faults.refusesLogins = value }
        if let value = try boolean("compress") { faults.isCompressing = value }
        if let value = try boolean("add_fields") { faults.isAddingFields = value }
        if let value = try boolean("sign") { faults.isSigning = value }
        if let value = try integer("answer_delay_ms", 0...3_600_000) { faults.answerDelay = .milliseconds(value) }
        if let value = try integer("http_delay_ms", 0...3_600_000) { faults.httpDelay = .milliseconds(value) }
        if let value = try integer("drop_after_packets", 0...1_000_000) {
            faults.packetsUntilDrop = value == 0 ? nil : value
        }
        if let entries = try object("fail") {
            faults.failures = [:]
            for (command, value) in entries {
                faults.failures[command] = try ControlFields(value, of: command).failure()
            }
        }
        if let entries = try object("answers") {
            faults.answers = [:]
            for (command, value) in entries {
                guard let answer = value.stringValue.flatMap({ SandboxFaults.Answer(rawValue: $0) }) else {
                    throw ControlMistake(message: "answers of \(command.prefix(100)) is no known fault")
                }
                faults.answers[command] = answer
            }
        }
        if let entries = members.removeValue(forKey: "http") {
            var fields = try ControlFields(entries, of: "http")
            let times = try fields.integer("times", 0...1_000_000) ?? 1
            let answer = try fields.choice("answer", SandboxFaults.HTTPAnswer.self)
            try fields.finish()
            faults.http = answer.map { ($0, times) }
        }
        return faults
    }

    private consuming func failure() throws(ControlMistake) -> SandboxFaults.Failure {
        var fields = self
        let failure = SandboxFaults.Failure(
            status: UInt8(clamping: try fields.integer("status", 1...255) ?? 7),
            code: UInt64(clamping: try fields.integer("code", 0...999_999_999) ?? 301_602),
            message: try fields.text("message") ?? "as asked", times: try fields.integer("times", 1...1_000_000))
        try fields.finish()
        return failure
    }
}
