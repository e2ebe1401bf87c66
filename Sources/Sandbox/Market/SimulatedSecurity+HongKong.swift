extension SimulatedSecurity {
    private static func hongKong(
        _ code: String, _ names: Names, lot: Int64, price: Int64, shares: Int64, figures: (Int64, Int64, Int64)
    ) -> SimulatedSecurity {
        share(
            "\(code).HK", .hongKong, names, exchange: "SEHK", currency: "HKD", board: "HKEquity", lot: lot,
            price: price,
            shares: shares, figures: figures)
    }

    /// Securities of the Stock Exchange of Hong Kong.
    static let hongKong: [SimulatedSecurity] = [
        hongKong(
            "700", ("TENCENT", "腾讯控股", "騰訊控股"), lot: 100, price: 441_000, shares: 9170,
            figures: (21_900, 115_300, 105)),
        hongKong(
            "5", ("HSBC HOLDINGS", "汇丰控股", "滙豐控股"), lot: 400, price: 85_050, shares: 17_500,
            figures: (9700, 83_400, 620)),
        hongKong(
            "9988", ("BABA-W", "阿里巴巴-W", "阿里巴巴-W"), lot: 100, price: 118_500, shares: 19_100,
            figures: (6900, 55_800, 170)),
        hongKong(
            "1299", ("AIA", "友邦保险", "友邦保險"), lot: 200, price: 68_950, shares: 10_700,
            figures: (4720, 29_300, 255)),
        hongKong(
            "3690", ("MEITUAN-W", "美团-W", "美團-W"), lot: 100, price: 124_300, shares: 6110,
            figures: (6350, 30_400, 0)),
        hongKong(
            "388", ("HKEX", "香港交易所", "香港交易所"), lot: 100, price: 401_200, shares: 1268,
            figures: (10_320, 42_300, 231)),
        hongKong(
            "941", ("CHINA MOBILE", "中国移动", "中國移動"), lot: 500, price: 86_450, shares: 21_600,
            figures: (6930, 68_700, 588)),
        hongKong(
            "2318", ("PING AN", "中国平安", "中國平安"), lot: 500, price: 52_350, shares: 18_210,
            figures: (7320, 55_600, 512)),
        hongKong(
            "1810", ("XIAOMI-W", "小米集团-W", "小米集團-W"), lot: 200, price: 45_700, shares: 26_000,
            figures: (1020, 8100, 0)),
        hongKong(
            "9618", ("JD-SW", "京东集团-SW", "京東集團-SW"), lot: 50, price: 131_600, shares: 3190,
            figures: (14_150, 81_500, 290)),
        hongKong("939", ("CCB", "建设银行", "建設銀行"), lot: 1000, price: 7860, shares: 250_000, figures: (1420, 14_000, 545)),
        hongKong(
            "1398", ("ICBC", "工商银行", "工商銀行"), lot: 1000, price: 6120, shares: 356_400,
            figures: (1080, 11_200, 536)),
        hongKong(
            "3988", ("BANK OF CHINA", "中国银行", "中國銀行"), lot: 1000, price: 4450, shares: 294_400,
            figures: (810, 8900, 575)),
        hongKong(
            "883", ("CNOOC", "中国海洋石油", "中國海洋石油"), lot: 1000, price: 19_280, shares: 47_560,
            figures: (3110, 17_000, 725)),
        hongKong(
            "857", ("PETROCHINA", "中国石油股份", "中國石油股份"), lot: 2000, price: 6730, shares: 183_000,
            figures: (970, 8900, 748)),
        hongKong(
            "1211", ("BYD COMPANY", "比亚迪股份", "比亞迪股份"), lot: 500, price: 108_900, shares: 9120,
            figures: (5020, 23_200, 114)),
        hongKong(
            "2020", ("ANTA SPORTS", "安踏体育", "安踏體育"), lot: 200, price: 92_850, shares: 2830,
            figures: (5980, 23_900, 253)),
        hongKong(
            "9999", ("NTES-S", "网易-S", "網易-S"), lot: 100, price: 158_400, shares: 3220,
            figures: (10_150, 46_500, 190)),
        hongKong(
            "9888", ("BIDU-SW", "百度集团-SW", "百度集團-SW"), lot: 50, price: 88_150, shares: 2800,
            figures: (9050, 101_400, 0)),
        hongKong(
            "1024", ("KUAISHOU-W", "快手-W", "快手-W"), lot: 100, price: 61_700, shares: 4310,
            figures: (3880, 15_800, 0)),
        hongKong(
            "16", ("SHK PPT", "新鸿基地产", "新鴻基地產"), lot: 500, price: 78_300, shares: 2898,
            figures: (6570, 211_000, 479)),
        hongKong(
            "1", ("CKH HOLDINGS", "长和", "長和"), lot: 500, price: 44_200, shares: 3830,
            figures: (4460, 139_500, 498)),
        hongKong(
            "2", ("CLP HOLDINGS", "中电控股", "中電控股"), lot: 500, price: 66_800, shares: 2526,
            figures: (4650, 41_400, 472)),
        hongKong(
            "11", ("HANG SENG BANK", "恒生银行", "恒生銀行"), lot: 100, price: 108_200, shares: 1880,
            figures: (9330, 84_900, 628)),
        hongKong(
            "27", ("GALAXY ENT", "银河娱乐", "銀河娛樂"), lot: 1000, price: 34_750, shares: 4370,
            figures: (2000, 17_600, 288)),
        hongKong("2800", ("TRACKER FUND", "盈富基金", "盈富基金"), lot: 500, price: 24_180, shares: 5900, figures: (0, 0, 342)),
        hongKong(
            "823", ("LINK REIT", "领展房产基金", "領展房產基金"), lot: 100, price: 38_850, shares: 2580,
            figures: (2340, 63_900, 701)),
        hongKong(
            "66", ("MTR CORPORATION", "港铁公司", "港鐵公司"), lot: 500, price: 27_600, shares: 6220,
            figures: (2530, 29_100, 475)),
    ]
}
