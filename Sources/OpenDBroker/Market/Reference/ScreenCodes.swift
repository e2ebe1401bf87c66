internal import BrokerModel

/// The gateway's numbers of what securities are chosen by.
///
/// - Source: Futu OpenAPI, "Filter Stocks by Condition": `StockField`, `AccumulateField`, `FinancialField`,
///   `PatternField`, `CustomIndicatorField`.
enum ScreenCodes {
    /// `StockField`, `AccumulateField` and `FinancialField`, by ``ScreenField/span``.
    static let fields: [ScreenField: Int32] = [
        .last: 3,
        .lastTo52wHigh: 4,
        .lastTo52wLow: 5,
        .highTo52wHigh: 6,
        .lowTo52wLow: 7,
        .volumeRatio: 8,
        .bidAskRatio: 9,
        .lotValue: 10,
        .marketValue: 11,
        .pe: 12,
        .peTtm: 13,
        .pb: 14,
        .changePercent5m: 15,
        .changePercentYtd: 16,
        .psTtm: 17,
        .pcfTtm: 18,
        .totalShares: 19,
        .floatingShares: 20,
        .floatingMarketValue: 21,
        .changePercent: 1,
        .amplitude: 2,
        .volume: 3,
        .turnover: 4,
        .turnoverRate: 5,
        .netProfit: 1,
        .netProfitGrowth: 2,
        .revenue: 3,
        .revenueGrowth: 4,
        .netMargin: 5,
        .grossMargin: 6,
        .debtToAssets: 7,
        .returnOnEquity: 8,
        .roic: 9,
        .roaTtm: 10,
        .ebitTtm: 11,
        .ebitda: 12,
        .operatingMarginTtm: 13,
        .ebitMargin: 14,
        .ebitdaMargin: 15,
        .financeCostRate: 16,
        .operatingProfitTtm: 17,
        .shareholderNetProfitTtm: 18,
        .netProfitCashCoverTtm: 19,
        .currentRatio: 20,
        .quickRatio: 21,
        .currentAssetRatio: 22,
        .currentDebtRatio: 23,
        .equityMultiplier: 24,
        .propertyRatio: 25,
        .cashAndEquivalents: 26,
        .totalAssetTurnover: 27,
        .fixedAssetTurnover: 28,
        .inventoryTurnover: 29,
        .operatingCashFlowTtm: 30,
        .accountsReceivable: 31,
        .ebitGrowth: 32,
        .operatingProfitGrowth: 33,
        .totalAssetsGrowth: 34,
        .shareholderProfitGrowth: 35,
        .pretaxProfitGrowth: 36,
        .epsGrowth: 37,
        .roeGrowth: 38,
        .roicGrowth: 39,
        .operatingCashFlowGrowth: 40,
        .operatingCashFlowPerShareGrowth: 41,
        .operatingRevenueCashCover: 42,
        .operatingToTotalProfit: 43,
        .basicEps: 44,
        .dilutedEps: 45,
        .operatingCashFlowPerShare: 46,
    ]

    /// `PatternField`.
    static let patterns: [ScreenPattern: Int32] = [
        .maAlignedUp: 1,
        .maAlignedDown: 2,
        .emaAlignedUp: 3,
        .emaAlignedDown: 4,
        .rsiGoldenCrossLow: 5,
        .rsiDeathCrossHigh: 6,
        .rsiTopDivergence: 7,
        .rsiBottomDivergence: 8,
        .kdjGoldenCrossLow: 9,
        .kdjDeathCrossHigh: 10,
        .kdjTopDivergence: 11,
        .kdjBottomDivergence: 12,
        .macdGoldenCrossLow: 13,
        .macdDeathCrossHigh: 14,
        .macdTopDivergence: 15,
        .macdBottomDivergence: 16,
        .bollBreakUpper: 17,
        .bollBreakLower: 18,
        .bollCrossMiddleUp: 19,
        .bollCrossMiddleDown: 20,
    ]

    /// `CustomIndicatorField`.
    static let indicators: [ScreenIndicator: Int32] = [
        .price: 1,
        .ma5: 2,
        .ma10: 3,
        .ma20: 4,
        .ma30: 5,
        .ma60: 6,
        .ma120: 7,
        .ma250: 8,
        .rsi: 9,
        .ema5: 10,
        .ema10: 11,
        .ema20: 12,
        .ema30: 13,
        .ema60: 14,
        .ema120: 15,
        .ema250: 16,
        .value: 17,
        .ma: 30,
        .ema: 40,
        .kdjK: 50,
        .kdjD: 51,
        .kdjJ: 52,
        .macdDiff: 60,
        .macdDea: 61,
        .macd: 62,
        .bollUpper: 70,
        .bollMiddle: 71,
        .bollLower: 72,
    ]

    /// `FinancialQuarter`.
    static let reports: [ScreenReport: Int32] = [
        .annual: 1, .firstQuarter: 2, .interim: 3, .thirdQuarter: 4, .latest: 5,
    ]

    /// `RelativePosition`.
    static let relations: [ScreenRelation: Int32] = [.above: 1, .below: 2, .crossesAbove: 3, .crossesBelow: 4]

    /// `KLType`, those that the call takes.
    static let intervals: [CandleInterval: Int32] = [.oneHour: 9, .oneDay: 2, .oneWeek: 3, .oneMonth: 4]

    /// The field with that number.
    static func field(_ code: Int32, _ span: ScreenField.Span) -> ScreenField? {
        fields.first { $0.value == code && $0.key.span == span }?.key
    }

    /// The report with that number.
    static func report(_ code: Int32) -> ScreenReport? { reports.first { $0.value == code }?.key }
}
