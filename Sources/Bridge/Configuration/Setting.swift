/// One key of the configuration, described once: the parser reads by it and the documentation's table is made of it.
struct Setting<Value: Sendable>: Sendable {
    /// With `[]` for the items of a list and `*` for a free name: `accounts[].longbridge.app_key`, `watch.*`.
    let path: String
    let form: Form<Value>
    /// What stands in the table's "default" column.
    let defaultText: String
    /// One sentence or two, for the table.
    let meaning: String
    /// Whether SIGHUP takes a changed value over without a restart.
    let reloads: Bool

    init(_ path: String, _ form: Form<Value>, default defaultText: String, reloads: Bool = false, _ meaning: String) {
        self.path = path
        self.form = form
        self.defaultText = defaultText
        self.meaning = meaning
        self.reloads = reloads
    }

    /// The last word of the path.
    var key: String { path.split(separator: ".").last.map(String.init) ?? path }

    /// The row of the key table.
    var row: SettingRow {
        SettingRow(path: path, form: form.name, defaultText: defaultText, meaning: meaning, reloads: reloads)
    }
}

/// What the key table says of one key.
struct SettingRow: Sendable, Equatable {
    let path: String
    let form: String
    let defaultText: String
    let meaning: String
    let reloads: Bool
}
