internal import BrokerModel

extension WarrantIssuer {
    /// The issuers the gateway has numbers for, by number. The English name is the exchange's two letters for the issuer.
    ///
    /// - Source: Futu OpenAPI, "Quote", definition of `Issuer`, with the names it gives them.
    static let table: [WarrantIssuer] = entries.map { entry in
        var issuer = WarrantIssuer(id: entry.id)
        issuer.nameEnglish = entry.letters
        issuer.nameSimplifiedChinese = entry.name
        return issuer
    }

    private static let entries: [(id: Int32, letters: String, name: String)] = [
        (1, "SG", "法兴"), (2, "BP", "法巴"), (3, "CS", "瑞信"), (4, "CT", "花旗"), (5, "EA", "东亚"), (6, "GS", "高盛"),
        (7, "HS", "汇丰"), (8, "JP", "摩通"), (9, "MB", "麦银"), (10, "SC", "渣打"), (11, "UB", "瑞银"), (12, "BI", "中银"),
        (13, "DB", "德银"), (14, "DC", "大和"), (15, "ML", "美林"), (16, "NM", "野村"), (17, "RB", "荷合"), (18, "RS", "苏皇"),
        (19, "BC", "巴克莱"), (20, "HT", "海通"), (21, "VT", "瑞通"), (22, "KC", "比联"), (23, "MS", "摩利"), (24, "GJ", "国君"),
        (25, "XZ", "星展"), (26, "HU", "华泰"), (27, "KS", "韩投"), (28, "CI", "信证"),
    ]
}
