/// How orders are answered and looked for.
public struct OrdersConfiguration: Sendable, Equatable {
    /// How long a caller waits for the broker's answer before it is told that nobody knows.
    public var answerTime = Duration.seconds(10)
    /// How long an order the broker does not show may still arrive there.
    public var settleTime = Duration.seconds(60)

    /// The defaults.
    public init() {}

    private static let answerSetting = Setting(
        "orders.answer_time", .duration(.seconds(1) ... .seconds(25)),
        default: "`\(DurationText.text(OrdersConfiguration().answerTime))`",
        "How long a caller waits for the broker before the answer is 202: nobody knows yet.")
    private static let settleSetting = Setting(
        "orders.settle_time", .duration(.seconds(5) ... .seconds(3600)),
        default: "`\(DurationText.text(OrdersConfiguration().settleTime))`",
        "How long an order that the broker does not show is looked for before it counts as never received.")

    static let rows = [answerSetting.row, settleSetting.row]

    init(reading section: SectionReader) {
        self.init()
        answerTime = section.value(Self.answerSetting, default: answerTime)
        settleTime = section.value(Self.settleSetting, default: settleTime)
    }
}
