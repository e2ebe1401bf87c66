/// What one key may hold at once; what is absent is as `limits` says.
public struct KeyCaps: Sendable, Equatable {
    /// Calls under way.
    public var concurrency: [EndpointClass: Int] = [:]
    /// Event streams.
    public var streams: Int?
    /// Topics of all its event streams together.
    public var topics: Int?

    /// None of its own.
    public init() {}
}

extension KeyCaps {
    private static let streamSetting = Setting(
        "keys[].streams", .integer(0...100_000), default: "`limits.streams_per_key`", reloads: true,
        "Event streams the key may hold at once.")
    private static let topicSetting = Setting(
        "keys[].topics", .integer(0...10_000_000), default: "`limits.topics_per_key`", reloads: true,
        "Topics of all event streams of the key together.")
    private static let concurrencySettings: [(group: EndpointClass, setting: Setting<Int>)] =
        EndpointClass.allCases.map {
            (
                $0,
                Setting(
                    "keys[].concurrency.\($0.rawValue)", .integer(1...100_000),
                    default: "`limits.concurrency.\($0.rawValue)`", reloads: true,
                    "Calls of the key to \($0.meaning) that may wait for their answer at once.")
            )
        }

    static let rows = [streamSetting.row, topicSetting.row] + concurrencySettings.map(\.setting.row)

    /// `nil` when something was refused: a cap that was refused must not become none.
    init?(reading section: SectionReader) {
        streams = section.optional(Self.streamSetting)
        topics = section.optional(Self.topicSetting)
        guard let part = section.section("concurrency") else { return nil }
        var isWhole = true
        for (group, setting) in Self.concurrencySettings {
            concurrency[group] = part.optional(setting)
            if part.has(setting.key), concurrency[group] == nil { isWhole = false }
        }
        guard isWhole, streams != nil || !section.has("streams"), topics != nil || !section.has("topics") else {
            return nil
        }
    }
}
