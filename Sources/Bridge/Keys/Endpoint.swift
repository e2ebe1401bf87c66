internal import Bytes
internal import HTTPWire

/// One method of one path, as limits name it: `GET /v1/quotes`, `PATCH /v1/accounts/{account}/orders/{id}`.
public struct Endpoint: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Method and path of the contract, a space between.
    public let description: String

    /// `nil` for what no key calls.
    public init?(_ text: String) {
        guard Endpoint.all.contains(text) else { return nil }
        description = text
    }

    /// Every one that needs a key, by the contract.
    public static let all: Set<String> = {
        guard let contract = try? JSONValue.parse(Array(OpenAPIJSON.text.utf8), limits: JSONLimits(values: 1_000_000))
        else { return [] }
        var names: Set<String> = []
        for (path, item) in contract["paths"]?.objectValue?.members ?? [] where path.hasPrefix("/v1/") {
            for (name, operation) in item.objectValue?.members ?? [] where methods.contains(name) {
                // An empty list of securities opens it to everybody.
                if operation["security"]?.arrayValue?.isEmpty == true { continue }
                names.insert("\(name.uppercased()) \(path)")
            }
        }
        return names
    }()

    private static let methods: Set<String> = ["get", "post", "put", "patch", "delete"]

    /// Whether a call to this route counts for it; what answers `GET` answers `HEAD` too.
    func matches(_ method: HTTPMethod, _ template: String) -> Bool {
        let method = method == .head ? HTTPMethod.get.text : method.text
        guard description.utf8.starts(with: method.utf8) else { return false }
        let path = description.utf8.dropFirst(method.utf8.count + 1)
        // A parameter that takes the rest of a path bears a sign of it in the route.
        return path.elementsEqual(template.utf8) || path.elementsEqual(template.utf8.filter { $0 != UInt8(ascii: "+") })
    }

    /// As answers name its limit: `GET:/v1/accounts/:account/orders`.
    var policyName: String {
        description.replacing(" ", with: ":").replacing("{", with: ":").replacing("}", with: "")
    }

    /// By their texts.
    public static func < (left: Endpoint, right: Endpoint) -> Bool { left.description < right.description }
}

extension Endpoint {
    private static func setting(_ parent: String, default usual: String, reloads: Bool) -> Setting<RequestRate> {
        Setting(
            "\(parent).endpoints.*", .requestRate, default: usual, reloads: reloads,
            "Below an endpoint such as `GET /v1/quotes` or `DELETE /v1/accounts/{account}/orders/{id}`, how often one key may call it. Its calls count here instead of in their class."
        )
    }

    static let limitSetting = setting("limits", default: "none", reloads: false)
    static let keySetting = setting("keys[]", default: "that of `limits.endpoints`", reloads: true)

    /// One list has no more.
    static let maximumCount = 64

    /// Reads `endpoints`; `nil` when something was refused: a bound that was refused must not become none.
    static func readRates(_ setting: Setting<RequestRate>, in section: SectionReader) -> [Endpoint: RequestRate]? {
        guard let part = section.section("endpoints") else { return nil }
        section.context.noteAsked(setting.path)
        var rates: [Endpoint: RequestRate] = [:]
        var isWhole = true
        let entries = part.freeEntries
        if entries.count > maximumCount {
            part.context.report("more than \(maximumCount) endpoints", at: part.location, path: part.path)
            return nil
        }
        for entry in entries {
            let path = SectionReader.join(part.path, entry.key)
            guard let endpoint = Endpoint(entry.key) else {
                let hint = nearest(to: entry.key, among: all.sorted()).map { "; did you mean \($0)?" } ?? ""
                part.context.report(
                    "there is no endpoint \(Quoted(entry.key))\(hint)", at: entry.keyLocation, path: path)
                isWhole = false
                continue
            }
            if let rate = setting.form.read(entry.value, path, part.context) {
                rates[endpoint] = rate
            } else {
                isWhole = false
            }
        }
        return isWhole ? rates : nil
    }
}
