public import BrokerModel

/// The securities kept subscribed for each account, so that reading them never costs the broker a call.
public struct WatchConfiguration: Sendable, Equatable {
    /// By account alias; each list without repetition, in the order of the file.
    public var symbols: [String: [Symbol]] = [:]

    /// The defaults: nothing is watched.
    public init() {}

    /// The broker's own bound on subscriptions of one session.
    static let limit = 500

    private static let symbolsSetting = Setting(
        "watch.*", .list(of: .symbol, count: 0...limit), default: "none",
        "Below an account's name, the securities kept subscribed without any client.")

    static let rows = [symbolsSetting.row]

    /// Refuses accounts that `aliases` lacks.
    init(reading section: SectionReader, aliases: [String]) {
        self.init()
        section.context.noteAsked(Self.symbolsSetting.path)
        for entry in section.freeEntries {
            let path = SectionReader.join(section.path, entry.key)
            guard aliases.contains(entry.key) else {
                let hint = nearest(to: entry.key, among: aliases).map { "; did you mean \($0)?" } ?? ""
                section.context.report(
                    "there is no account \(Quoted(entry.key))\(hint)", at: entry.keyLocation, path: path)
                continue
            }
            guard let list = Self.symbolsSetting.form.read(entry.value, path, section.context) else { continue }
            var seen: Set<Symbol> = []
            symbols[entry.key] = list.filter { seen.insert($0).inserted }
        }
    }
}
