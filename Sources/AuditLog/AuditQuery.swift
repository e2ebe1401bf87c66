internal import Bytes
public import Clocks

/// Which entries are asked for.
public struct AuditQuery: Sendable, Equatable {
    /// The name of a key.
    public var key: String?
    /// An account's alias.
    public var account: String?
    /// A route's template.
    public var route: String?
    /// An outcome's word.
    public var outcome: String?
    /// An order's id.
    public var orderID: String?
    /// Not before; by the entries' wall clock.
    public var start: WallTime?
    /// Before this.
    public var end: WallTime?
    /// Entries with smaller numbers only.
    public var before: Int?

    /// Only entries of these accounts, and of the key of that name.
    public var visible: Visibility?

    /// What somebody who may not see everything may see.
    public struct Visibility: Sendable, Equatable {
        /// Aliases.
        public var accounts: Set<String>
        /// A key's name.
        public var key: String

        /// Entries of these accounts, and of this key.
        public init(accounts: Set<String>, key: String) {
            self.accounts = accounts
            self.key = key
        }
    }

    /// All of them.
    public init() {}

    /// The members by which blocks are found, each with a number for the filter.
    static let indexed: [(UInt8, StaticString)] = [
        (1, "key"), (2, "account"), (3, "route"), (4, "outcome"), (5, "order_id"),
    ]

    /// Members and the texts they must have, as they are written.
    var wanted: [Wanted] {
        zip(AuditQuery.indexed, [key, account, route, outcome, orderID]).compactMap { member, value in
            guard let value else { return nil }
            var json = JSONWriter()
            json.string(value)
            return Wanted(member: member.0, name: member.1, text: json.bytes)
        }
    }

    /// One member and its text.
    struct Wanted {
        var member: UInt8
        var name: StaticString
        var text: [UInt8]
    }

    func mayHold(_ block: SegmentIndex.Block, _ wanted: [Wanted]) -> Bool {
        if let before, block.firstSequence >= before { return false }
        if let start, block.latest < start { return false }
        if let end, block.earliest >= end { return false }
        return wanted.allSatisfy { block.names.mayContain($0.member, $0.text[...]) }
    }

    func holds(_ line: AuditLine, _ wanted: [Wanted]) -> Bool {
        if let before {
            guard let sequence = line.sequence, sequence < before else { return false }
        }
        for want in wanted {
            guard let value = line.raw(want.name), value.elementsEqual(want.text) else { return false }
        }
        if let visible, line.text("key") != visible.key {
            guard let account = line.text("account"), visible.accounts.contains(account) else { return false }
        }
        guard start != nil || end != nil else { return true }
        guard let time = line.time else { return false }
        return start.map { time >= $0 } ?? true && end.map { time < $0 } ?? true
    }
}
