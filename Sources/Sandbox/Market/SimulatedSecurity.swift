/// A security the simulation knows: real names, invented figures of the right size.
struct SimulatedSecurity: Sendable {
    /// `700.HK`
    let symbol: String
    let nameEnglish: String
    let nameSimplified: String
    let nameTraditional: String
    let exchange: String
    let currency: String
    let lotSize: Int64
    let board: String
    /// Where its price begins, in thousandths.
    let price: Int64
    /// Shares issued, in millions.
    let millionShares: Int64
    let isIndex: Bool

    var market: Substring { symbol[symbol.index(after: symbol.lastIndex(of: ".") ?? symbol.startIndex)...] }
    var isHongKong: Bool { market == "HK" }
    var isUnitedStates: Bool { market == "US" }
}

extension SimulatedSecurity {
    private static func hongKong(
        _ code: String, _ english: String, _ simplified: String, _ traditional: String, lot: Int64, price: Int64,
        shares: Int64
    ) -> SimulatedSecurity {
        SimulatedSecurity(
            symbol: "\(code).HK", nameEnglish: english, nameSimplified: simplified, nameTraditional: traditional,
            exchange: "SEHK", currency: "HKD", lotSize: lot, board: "HKEquity", price: price, millionShares: shares,
            isIndex: false)
    }

    private static func unitedStates(
        _ code: String, _ english: String, _ simplified: String, _ traditional: String, exchange: String = "NASD",
        price: Int64, shares: Int64
    ) -> SimulatedSecurity {
        SimulatedSecurity(
            symbol: "\(code).US", nameEnglish: english, nameSimplified: simplified, nameTraditional: traditional,
            exchange: exchange, currency: "USD", lotSize: 1, board: "USMain", price: price, millionShares: shares,
            isIndex: false)
    }

    private static func other(
        _ symbol: String, _ english: String, _ simplified: String, _ traditional: String, exchange: String,
        currency: String, lot: Int64, board: String, price: Int64, shares: Int64, isIndex: Bool = false
    ) -> SimulatedSecurity {
        SimulatedSecurity(
            symbol: symbol, nameEnglish: english, nameSimplified: simplified, nameTraditional: traditional,
            exchange: exchange, currency: currency, lotSize: lot, board: board, price: price, millionShares: shares,
            isIndex: isIndex)
    }

    /// Every security of the simulation.
    static let all: [SimulatedSecurity] = [
        hongKong("700", "TENCENT", "腾讯控股", "騰訊控股", lot: 100, price: 441_000, shares: 9_170),
        hongKong("5", "HSBC HOLDINGS", "汇丰控股", "滙豐控股", lot: 400, price: 85_050, shares: 17_500),
        hongKong("9988", "BABA-W", "阿里巴巴-W", "阿里巴巴-W", lot: 100, price: 118_500, shares: 19_100),
        hongKong("1299", "AIA", "友邦保险", "友邦保險", lot: 200, price: 68_950, shares: 10_700),
        hongKong("3690", "MEITUAN-W", "美团-W", "美團-W", lot: 100, price: 124_300, shares: 6_110),
        hongKong("388", "HKEX", "香港交易所", "香港交易所", lot: 100, price: 401_200, shares: 1_268),
        hongKong("941", "CHINA MOBILE", "中国移动", "中國移動", lot: 500, price: 86_450, shares: 21_600),
        hongKong("2318", "PING AN", "中国平安", "中國平安", lot: 500, price: 52_350, shares: 7_440),
        hongKong("1810", "XIAOMI-W", "小米集团-W", "小米集團-W", lot: 200, price: 45_700, shares: 26_000),
        hongKong("9618", "JD-SW", "京东集团-SW", "京東集團-SW", lot: 50, price: 131_600, shares: 3_190),
        hongKong("939", "CCB", "建设银行", "建設銀行", lot: 1000, price: 7_860, shares: 240_400),
        hongKong("1398", "ICBC", "工商银行", "工商銀行", lot: 1000, price: 6_120, shares: 86_800),
        hongKong("3988", "BANK OF CHINA", "中国银行", "中國銀行", lot: 1000, price: 4_450, shares: 83_600),
        hongKong("883", "CNOOC", "中国海洋石油", "中國海洋石油", lot: 1000, price: 19_280, shares: 44_570),
        hongKong("857", "PETROCHINA", "中国石油股份", "中國石油股份", lot: 2000, price: 6_730, shares: 21_100),
        hongKong("1211", "BYD COMPANY", "比亚迪股份", "比亞迪股份", lot: 500, price: 108_900, shares: 1_098),
        hongKong("2020", "ANTA SPORTS", "安踏体育", "安踏體育", lot: 200, price: 92_850, shares: 2_830),
        hongKong("9999", "NTES-S", "网易-S", "網易-S", lot: 100, price: 158_400, shares: 3_220),
        hongKong("9888", "BIDU-SW", "百度集团-SW", "百度集團-SW", lot: 50, price: 88_150, shares: 2_800),
        hongKong("1024", "KUAISHOU-W", "快手-W", "快手-W", lot: 100, price: 61_700, shares: 3_600),
        hongKong("16", "SHK PPT", "新鸿基地产", "新鴻基地產", lot: 500, price: 78_300, shares: 2_898),
        hongKong("1", "CKH HOLDINGS", "长和", "長和", lot: 500, price: 44_200, shares: 3_830),
        hongKong("2", "CLP HOLDINGS", "中电控股", "中電控股", lot: 500, price: 66_800, shares: 2_526),
        hongKong("11", "HANG SENG BANK", "恒生银行", "恒生銀行", lot: 100, price: 108_200, shares: 1_880),
        hongKong("27", "GALAXY ENT", "银河娱乐", "銀河娛樂", lot: 1000, price: 34_750, shares: 4_370),
        hongKong("2800", "TRACKER FUND", "盈富基金", "盈富基金", lot: 500, price: 24_180, shares: 5_900),
        unitedStates("AAPL", "Apple", "苹果", "蘋果", price: 234_300, shares: 15_115),
        unitedStates("MSFT", "Microsoft", "微软", "微軟", price: 430_200, shares: 7_434),
        unitedStates("NVDA", "NVIDIA", "英伟达", "輝達", price: 141_950, shares: 24_490),
        unitedStates("AMZN", "Amazon", "亚马逊", "亞馬遜", price: 202_880, shares: 10_515),
        unitedStates("GOOGL", "Alphabet-A", "谷歌-A", "谷歌-A", price: 175_980, shares: 5_843),
        unitedStates("META", "Meta Platforms", "Meta", "Meta", price: 565_500, shares: 2_180),
        unitedStates("TSLA", "Tesla", "特斯拉", "特斯拉", price: 342_030, shares: 3_210),
        unitedStates("AMD", "AMD", "超威半导体", "超微半導體", price: 138_700, shares: 1_623),
        unitedStates("NFLX", "Netflix", "奈飞", "奈飛", price: 884_500, shares: 427),
        unitedStates("INTC", "Intel", "英特尔", "英特爾", price: 24_350, shares: 4_313),
        unitedStates("BABA", "Alibaba", "阿里巴巴", "阿里巴巴", exchange: "NYSE", price: 86_700, shares: 2_380),
        unitedStates("JPM", "JPMorgan Chase", "摩根大通", "摩根大通", exchange: "NYSE", price: 243_100, shares: 2_815),
        unitedStates(
            "BRK.B", "Berkshire Hathaway-B", "伯克希尔-B", "波克夏-B", exchange: "NYSE", price: 470_300, shares: 1_320),
        unitedStates("V", "Visa", "Visa", "Visa", exchange: "NYSE", price: 307_400, shares: 1_720),
        unitedStates("KO", "Coca-Cola", "可口可乐", "可口可樂", exchange: "NYSE", price: 63_800, shares: 4_310),
        unitedStates("DIS", "Walt Disney", "迪士尼", "迪士尼", exchange: "NYSE", price: 114_200, shares: 1_811),
        unitedStates("BA", "Boeing", "波音", "波音", exchange: "NYSE", price: 146_500, shares: 748),
        unitedStates(
            "SPY", "SPDR S&P 500 ETF", "标普500 ETF", "標普500 ETF", exchange: "AMEX", price: 590_400, shares: 1_000),
        unitedStates("QQQ", "Invesco QQQ", "纳指100 ETF", "納指100 ETF", price: 503_100, shares: 640),
        other(
            "600519.SH", "KWEICHOW MOUTAI", "贵州茅台", "貴州茅台", exchange: "SSE", currency: "CNY", lot: 100,
            board: "SHMainConnect", price: 1_510_000, shares: 1_256),
        other(
            "000001.SZ", "PING AN BANK", "平安银行", "平安銀行", exchange: "SZSE", currency: "CNY", lot: 100,
            board: "SZMainConnect", price: 11_500, shares: 19_406),
        other(
            "D05.SG", "DBS", "星展集团", "星展集團", exchange: "SGX", currency: "SGD", lot: 100, board: "SGMain", price: 42_300,
            shares: 2_840),
        other(
            "HSI.HK", "Hang Seng Index", "恒生指数", "恒生指數", exchange: "HKEX", currency: "HKD", lot: 1, board: "HKHS",
            price: 19_600_000, shares: 0, isIndex: true),
        other(
            ".DJI.US", "Dow Jones", "道琼斯指数", "道瓊斯指數", exchange: "DJI", currency: "USD", lot: 1, board: "USDJI",
            price: 43_870_000, shares: 0, isIndex: true),
        other(
            ".IXIC.US", "NASDAQ Composite", "纳斯达克综合指数", "納斯達克綜合指數", exchange: "NASD", currency: "USD", lot: 1,
            board: "USNSDQ", price: 18_970_000, shares: 0, isIndex: true),
    ]
}
