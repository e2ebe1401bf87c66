/// Every key the configuration knows. The parser, the suggestions in its messages and the table of
/// `docs/configuration.md` are all made from these rows.
enum ConfigurationSchema {
    /// In the order of the documentation.
    static let rows: [SettingRow] =
        ListenConfiguration.rows + CORSConfiguration.rows + LimitsConfiguration.rows + KeyConfiguration.rows
        + AccountConfiguration.rows + LongbridgeAccountConfiguration.rows + OpenDAccountConfiguration.rows
        + WatchConfiguration.rows
        + LogConfiguration.rows
        + MetricsConfiguration.rows + MarketDataConfiguration.rows + OrdersConfiguration.rows + StateConfiguration.rows
        + AuditConfiguration.rows

    /// The keys that may stand directly below a path such as `accounts[].longbridge`; `*` means any name.
    static func children(of template: String) -> Set<String> {
        childrenByPath[template] ?? []
    }

    private static let childrenByPath: [String: Set<String>] = {
        var children: [String: Set<String>] = [:]
        for row in rows {
            var parent = ""
            for word in row.path.split(separator: ".").map(String.init) {
                let isList = word.hasSuffix("[]")
                children[parent, default: []].insert(isList ? String(word.dropLast(2)) : word)
                parent = SectionReader.join(parent, word)
            }
        }
        return children
    }()

    /// The key table in Markdown, as it stands between the markers of `docs/configuration.md`.
    public static var markdownTable: String {
        var lines = ["| key | value | default | on HUP | meaning |", "| --- | --- | --- | --- | --- |"]
        for row in rows {
            let form = row.form.replacing("|", with: "\\|")
            let cells = ["`\(row.path)`", form, row.defaultText, row.reloads ? "yes" : "", row.meaning]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
