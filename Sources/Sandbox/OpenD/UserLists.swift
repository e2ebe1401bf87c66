/// The user's lists of securities: some the gateway keeps, some of one's own.
struct UserLists: Sendable {
    /// The most securities of a list.
    static let bound = 500

    private var custom: [(name: String, codes: [GatewayCode])] = [("Favourites", []), ("Sandbox", [])]
    private let system = ["All", "HK", "US"]

    /// Names, and whether a list is one's own.
    var groups: [(name: String, isCustom: Bool)] { system.map { ($0, false) } + custom.map { ($0.name, true) } }

    func isCustom(_ name: String) -> Bool { custom.contains { $0.name == name } }

    /// What is on a list; `nil` for an unknown one. The gateway's own hold what is on any other.
    func codes(_ name: String) -> [GatewayCode]? {
        if let group = custom.first(where: { $0.name == name }) { return group.codes }
        guard system.contains(name) else { return nil }
        var seen: Set<GatewayCode> = []
        let all = custom.flatMap(\.codes).filter { seen.insert($0).inserted }
        switch name {
        case "HK": return all.filter { $0.market == GatewayCode.hongKong }
        case "US": return all.filter { $0.market == GatewayCode.unitedStates }
        default: return all
        }
    }

    /// Puts securities at the end of a list, each once; `false` when it would be too long.
    mutating func add(_ codes: [GatewayCode], to name: String) -> Bool {
        guard let index = custom.firstIndex(where: { $0.name == name }) else { return false }
        var list = custom[index].codes
        for code in codes where !list.contains(code) { list.append(code) }
        guard list.count <= UserLists.bound else { return false }
        custom[index].codes = list
        return true
    }

    /// Takes securities off one list, or off all.
    mutating func remove(_ codes: [GatewayCode], from name: String, everywhere: Bool) {
        for index in custom.indices where everywhere || custom[index].name == name {
            custom[index].codes.removeAll { codes.contains($0) }
        }
    }
}
