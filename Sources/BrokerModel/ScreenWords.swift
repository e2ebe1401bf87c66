/// A figure that securities can be chosen by.
public enum ScreenField: String, Sendable, CaseIterable {
    // Of now. Ratios to other prices and changes are in percent.
    case last
    case lastTo52wHigh = "last_to_52w_high"
    case lastTo52wLow = "last_to_52w_low"
    case highTo52wHigh = "high_to_52w_high"
    case lowTo52wLow = "low_to_52w_low"
    case volumeRatio = "volume_ratio"
    case bidAskRatio = "bid_ask_ratio"
    case lotValue = "lot_value"
    case marketValue = "market_value"
    case pe
    case peTtm = "pe_ttm"
    case pb
    case changePercent5m = "change_percent_5m"
    case changePercentYtd = "change_percent_ytd"
    case psTtm = "ps_ttm"
    case pcfTtm = "pcf_ttm"
    case totalShares = "total_shares"
    case floatingShares = "floating_shares"
    case floatingMarketValue = "floating_market_value"
    // Over the last days.
    case changePercent = "change_percent"
    case amplitude
    case volume
    case turnover
    case turnoverRate = "turnover_rate"
    // Of a report.
    case netProfit = "net_profit"
    case netProfitGrowth = "net_profit_growth"
    case revenue
    case revenueGrowth = "revenue_growth"
    case netMargin = "net_margin"
    case grossMargin = "gross_margin"
    case debtToAssets = "debt_to_assets"
    case returnOnEquity = "return_on_equity"
    case roic
    case roaTtm = "roa_ttm"
    case ebitTtm = "ebit_ttm"
    case ebitda
    case operatingMarginTtm = "operating_margin_ttm"
    case ebitMargin = "ebit_margin"
    case ebitdaMargin = "ebitda_margin"
    case financeCostRate = "finance_cost_rate"
    case operatingProfitTtm = "operating_profit_ttm"
    case shareholderNetProfitTtm = "shareholder_net_profit_ttm"
    case netProfitCashCoverTtm = "net_profit_cash_cover_ttm"
    case currentRatio = "current_ratio"
    case quickRatio = "quick_ratio"
    case currentAssetRatio = "current_asset_ratio"
    case currentDebtRatio = "current_debt_ratio"
    case equityMultiplier = "equity_multiplier"
    case propertyRatio = "property_ratio"
    case cashAndEquivalents = "cash_and_equivalents"
    case totalAssetTurnover = "total_asset_turnover"
    case fixedAssetTurnover = "fixed_asset_turnover"
    case inventoryTurnover = "inventory_turnover"
    case operatingCashFlowTtm = "operating_cash_flow_ttm"
    case accountsReceivable = "accounts_receivable"
    case ebitGrowth = "ebit_growth"
    case operatingProfitGrowth = "operating_profit_growth"
    case totalAssetsGrowth = "total_assets_growth"
    case shareholderProfitGrowth = "shareholder_profit_growth"
    case pretaxProfitGrowth = "pretax_profit_growth"
    case epsGrowth = "eps_growth"
    case roeGrowth = "roe_growth"
    case roicGrowth = "roic_growth"
    case operatingCashFlowGrowth = "operating_cash_flow_growth"
    case operatingCashFlowPerShareGrowth = "operating_cash_flow_per_share_growth"
    case operatingRevenueCashCover = "operating_revenue_cash_cover"
    case operatingToTotalProfit = "operating_to_total_profit"
    case basicEps = "basic_eps"
    case dilutedEps = "diluted_eps"
    case operatingCashFlowPerShare = "operating_cash_flow_per_share"

    /// What a figure is of.
    public enum Span: Sendable {
        /// Now.
        case now
        /// A number of trading days up to now.
        case days
        /// A report.
        case report
    }

    /// What it is of.
    public var span: Span {
        switch self {
        case .changePercent, .amplitude, .volume, .turnover, .turnoverRate: .days
        case .last, .lastTo52wHigh, .lastTo52wLow, .highTo52wHigh, .lowTo52wLow, .volumeRatio, .bidAskRatio, .lotValue,
            .marketValue, .pe, .peTtm, .pb, .changePercent5m, .changePercentYtd, .psTtm, .pcfTtm, .totalShares,
            .floatingShares, .floatingMarketValue:
            .now
        default: .report
        }
    }
}

/// Which report a figure is of.
public enum ScreenReport: String, Sendable, CaseIterable {
    case annual
    case firstQuarter = "first_quarter"
    case interim
    case thirdQuarter = "third_quarter"
    case latest
}

/// Which way a list is sorted by a figure.
public enum ScreenOrder: String, Sendable, CaseIterable {
    case ascending, descending
}

/// A shape of the chart that securities can be chosen by.
public enum ScreenPattern: String, Sendable, CaseIterable {
    case maAlignedUp = "ma_aligned_up"
    case maAlignedDown = "ma_aligned_down"
    case emaAlignedUp = "ema_aligned_up"
    case emaAlignedDown = "ema_aligned_down"
    case rsiGoldenCrossLow = "rsi_golden_cross_low"
    case rsiDeathCrossHigh = "rsi_death_cross_high"
    case rsiTopDivergence = "rsi_top_divergence"
    case rsiBottomDivergence = "rsi_bottom_divergence"
    case kdjGoldenCrossLow = "kdj_golden_cross_low"
    case kdjDeathCrossHigh = "kdj_death_cross_high"
    case kdjTopDivergence = "kdj_top_divergence"
    case kdjBottomDivergence = "kdj_bottom_divergence"
    case macdGoldenCrossLow = "macd_golden_cross_low"
    case macdDeathCrossHigh = "macd_death_cross_high"
    case macdTopDivergence = "macd_top_divergence"
    case macdBottomDivergence = "macd_bottom_divergence"
    case bollBreakUpper = "boll_break_upper"
    case bollBreakLower = "boll_break_lower"
    case bollCrossMiddleUp = "boll_cross_middle_up"
    case bollCrossMiddleDown = "boll_cross_middle_down"
}

/// A line of the chart that securities can be chosen by. `value` is a number, `ma` and `ema` take their length as a
/// parameter.
public enum ScreenIndicator: String, Sendable, CaseIterable {
    case price
    case ma5
    case ma10
    case ma20
    case ma30
    case ma60
    case ma120
    case ma250
    case rsi
    case ema5
    case ema10
    case ema20
    case ema30
    case ema60
    case ema120
    case ema250
    case value
    case ma
    case ema
    case kdjK = "kdj_k"
    case kdjD = "kdj_d"
    case kdjJ = "kdj_j"
    case macdDiff = "macd_diff"
    case macdDea = "macd_dea"
    case macd
    case bollUpper = "boll_upper"
    case bollMiddle = "boll_middle"
    case bollLower = "boll_lower"
}

/// How one line of the chart stands to another.
public enum ScreenRelation: String, Sendable, CaseIterable {
    case above, below
    case crossesAbove = "crosses_above"
    case crossesBelow = "crosses_below"
}
