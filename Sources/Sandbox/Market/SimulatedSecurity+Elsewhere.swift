extension SimulatedSecurity {
    /// Securities of mainland China and Singapore.
    static let elsewhere: [SimulatedSecurity] = [
        share(
            "600519.SH", .mainland, ("KWEICHOW MOUTAI", "贵州茅台", "貴州茅台"), exchange: "SSE", currency: "CNY",
            board: "SHMainConnect", lot: 100, price: 1_510_000, shares: 1256, figures: (65_660, 190_600, 335)),
        share(
            "601318.SH", .mainland, ("PING AN INSURANCE", "中国平安", "中國平安"), exchange: "SSE", currency: "CNY",
            board: "SHMainConnect", lot: 100, price: 54_300, shares: 18_210, figures: (7160, 51_000, 470)),
        share(
            "000001.SZ", .mainland, ("PING AN BANK", "平安银行", "平安銀行"), exchange: "SZSE", currency: "CNY",
            board: "SZMainConnect", lot: 100, price: 11_500, shares: 19_406, figures: (2150, 21_900, 529)),
        share(
            "300750.SZ", .mainland, ("CATL", "宁德时代", "寧德時代"), exchange: "SZSE", currency: "CNY",
            board: "SZGEMConnect", lot: 100, price: 262_000, shares: 4403, figures: (11_580, 56_000, 172)),
        share(
            "D05.SG", .singapore, ("DBS", "星展集团", "星展集團"), exchange: "SGX", currency: "SGD", board: "SGMain",
            lot: 100, price: 42_300, shares: 2840, figures: (3940, 23_800, 511)),
        share(
            "O39.SG", .singapore, ("OCBC Bank", "华侨银行", "華僑銀行"), exchange: "SGX", currency: "SGD",
            board: "SGMain", lot: 100, price: 16_200, shares: 4495, figures: (1670, 12_800, 531)),
    ]

    /// Indexes. They have neither book nor trades of their own, and their volume is left at nothing.
    static let indexes: [SimulatedSecurity] = [
        index(
            "HSI.HK", .hongKong, ("Hang Seng Index", "恒生指数", "恒生指數"), exchange: "HKEX", currency: "HKD",
            board: "HKHS", level: 19_600_000),
        index(
            "HSTECH.HK", .hongKong, ("Hang Seng TECH Index", "恒生科技指数", "恒生科技指數"), exchange: "HKEX",
            currency: "HKD", board: "HKHS", level: 4_390_000),
        index(
            ".DJI.US", .unitedStates, ("Dow Jones Industrial Average", "道琼斯指数", "道瓊斯指數"), exchange: "DJI",
            currency: "USD", board: "USDJI", level: 43_870_000),
        index(
            ".IXIC.US", .unitedStates, ("NASDAQ Composite", "纳斯达克综合指数", "納斯達克綜合指數"), exchange: "NASD",
            currency: "USD", board: "USNSDQ", level: 18_970_000),
    ]
}
