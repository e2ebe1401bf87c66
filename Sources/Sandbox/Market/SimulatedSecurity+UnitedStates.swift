extension SimulatedSecurity {
    private static func unitedStates(
        _ code: String, _ names: Names, _ exchange: String, price: Int64, shares: Int64, figures: (Int64, Int64, Int64)
    ) -> SimulatedSecurity {
        share(
            "\(code).US", .unitedStates, names, exchange: exchange, currency: "USD", board: "USMain", lot: 1,
            price: price,
            shares: shares, figures: figures)
    }

    /// Securities of the exchanges in the United States.
    static let unitedStates: [SimulatedSecurity] = [
        unitedStates(
            "AAPL", ("Apple", "苹果", "蘋果"), "NASD", price: 234_300, shares: 15_115,
            figures: (6110, 3770, 42)),
        unitedStates(
            "MSFT", ("Microsoft", "微软", "微軟"), "NASD", price: 430_200, shares: 7434,
            figures: (12_120, 38_690, 75)),
        unitedStates(
            "NVDA", ("NVIDIA", "英伟达", "輝達"), "NASD", price: 141_950, shares: 24_490,
            figures: (2530, 2680, 3)),
        unitedStates(
            "AMZN", ("Amazon", "亚马逊", "亞馬遜"), "NASD", price: 202_880, shares: 10_515,
            figures: (4670, 24_650, 0)),
        unitedStates(
            "GOOGL", ("Alphabet-A", "谷歌-A", "谷歌-A"), "NASD", price: 175_980, shares: 12_200,
            figures: (7540, 25_640, 45)),
        unitedStates(
            "META", ("Meta Platforms", "Meta", "Meta"), "NASD", price: 565_500, shares: 2520,
            figures: (21_200, 65_200, 35)),
        unitedStates(
            "TSLA", ("Tesla", "特斯拉", "特斯拉"), "NASD", price: 342_030, shares: 3210,
            figures: (3650, 21_810, 0)),
        unitedStates(
            "AMD", ("AMD", "超威半导体", "超微半導體"), "NASD", price: 138_700, shares: 1623,
            figures: (1110, 35_090, 0)),
        unitedStates(
            "NFLX", ("Netflix", "奈飞", "奈飛"), "NASD", price: 884_500, shares: 427,
            figures: (17_670, 53_200, 0)),
        unitedStates(
            "INTC", ("Intel", "英特尔", "英特爾"), "NASD", price: 24_350, shares: 4313,
            figures: (-3740, 23_090, 206)),
        unitedStates(
            "PLTR", ("Palantir", "Palantir", "Palantir"), "NASD", price: 64_650, shares: 2278,
            figures: (200, 1980, 0)),
        unitedStates(
            "COIN", ("Coinbase", "Coinbase", "Coinbase"), "NASD", price: 304_600, shares: 250,
            figures: (6220, 35_100, 0)),
        unitedStates(
            "PDD", ("PDD Holdings", "拼多多", "拼多多"), "NASD", price: 104_100, shares: 1389,
            figures: (10_600, 27_300, 0)),
        unitedStates(
            "BABA", ("Alibaba", "阿里巴巴", "阿里巴巴"), "NYSE", price: 86_700, shares: 2380,
            figures: (4950, 57_300, 195)),
        unitedStates("NIO", ("NIO", "蔚来", "蔚來"), "NYSE", price: 4680, shares: 2090, figures: (-1440, 950, 0)),
        unitedStates(
            "JPM", ("JPMorgan Chase", "摩根大通", "摩根大通"), "NYSE", price: 243_100, shares: 2815,
            figures: (17_960, 115_200, 190)),
        unitedStates(
            "BRK.B", ("Berkshire Hathaway-B", "伯克希尔-B", "波克夏-B"), "NYSE", price: 470_300, shares: 2156,
            figures: (49_480, 292_000, 0)),
        unitedStates(
            "V", ("Visa", "Visa", "Visa"), "NYSE", price: 307_400, shares: 1720,
            figures: (9730, 19_500, 76)),
        unitedStates(
            "KO", ("Coca-Cola", "可口可乐", "可口可樂"), "NYSE", price: 63_800, shares: 4310,
            figures: (2410, 6170, 304)),
        unitedStates(
            "DIS", ("Walt Disney", "迪士尼", "迪士尼"), "NYSE", price: 114_200, shares: 1811,
            figures: (2720, 55_600, 83)),
        unitedStates(
            "BA", ("Boeing", "波音", "波音"), "NYSE", price: 146_500, shares: 748,
            figures: (-12_910, -31_400, 0)),
        unitedStates(
            "SPY", ("SPDR S&P 500 ETF", "标普500 ETF", "標普500 ETF"), "AMEX", price: 590_400, shares: 1040,
            figures: (0, 0, 118)),
        unitedStates(
            "QQQ", ("Invesco QQQ", "纳指100 ETF", "納指100 ETF"), "NASD", price: 503_100, shares: 640,
            figures: (0, 0, 57)),
    ]
}
