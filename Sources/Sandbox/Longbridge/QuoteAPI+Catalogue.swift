internal import Bytes
internal import Clocks

/// Plausible answers of the rest of the vendor's HTTP catalogue: companies, markets, calendars, screens, profits.
///
/// Figures that the simulation knows are its own; the others are always the same, so that a reader can be tried.
///
/// - Source: `longbridge-http`, sections 5.8 to 5.10; judged by the vendor's client 5.3.0.
extension QuoteAPI {
    static let catalogue: Set<String> = Set(aboutSecurities.keys).union(general.keys)

    /// The `data` of a call of the catalogue.
    static func page(_ call: Call, _ answers: inout QuoteAnswers, now: WallTime) throws(Refusal) -> [UInt8] {
        var words = [
            "today": TimeZoneRule.hongKong.civil(at: now).date.iso, "now": String(now.seconds),
            "market": call.parameter("market") ?? "HK",
        ]
        guard let text = aboutSecurities[call.path] else { return filled(general[call.path] ?? "{}", words) }
        guard let symbol = call.parameter("symbol") else { throw Refusal("symbol is required") }
        guard let security = SimulatedSecurity.bySymbol[symbol] else { throw Refusal("symbol not found") }
        words["symbol"] = symbol
        words["name"] = security.nameEnglish
        words["currency"] = security.currency
        words["last"] = TradeWire.money(answers.market.listing(symbol, at: now)?.current?.last ?? security.price)
        return filled(text, words)
    }

    /// Puts words in the places that `<…>` marks.
    private static func filled(_ text: String, _ words: [String: String]) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
            bytes += Array(rest[..<open].utf8)
            bytes += Array((words[String(rest[rest.index(after: open)..<close])] ?? "").utf8)
            rest = rest[rest.index(after: close)...]
        }
        return bytes + Array(rest.utf8)
    }

    /// - Source: what the vendor's client 5.3.0 calls and reads.
    static let cryptoPath = "/v1/us/gemini/crypto-overview"

    /// The one coin the simulation knows, by its description only: it has no quotes.
    static func crypto(_ call: Call) throws(Refusal) -> [UInt8] {
        guard call.parameter("symbol") == "BTCUSD.BKKT" else { throw Refusal("symbol not found") }
        return Array(
            """
            {"symbol":"BTCUSD.BKKT","name":"Bitcoin","ticker":"BTCUSD","base_asset":"BTC","currency":"USD",
            "all_time_high":"100000","all_time_high_date":"2025.01.02","all_time_low":"0.05","all_time_low_date":"2010.07.17",
            "ipo_date":"2009.01.03","issue_price":"","shares":"21000000","official_web_address":"https://example.com",
            "logo":"","wiki_url":"","profile":"{}"}
            """.utf8)
    }

    private static let aboutSecurities: [String: String] = [
        "/v1/quote/dividends": """
        {"list":[{"symbol":"<symbol>","id":"1","desc":"Cash dividend 0.50 <currency> a share","record_date":"2026.05.18",
        "ex_date":"2026.05.15","payment_date":"2026.06.01"}]}
        """,
        "/v1/quote/forecast-eps": """
        {"items":[{"forecast_eps_median":"21.5","forecast_eps_mean":"21.7","forecast_eps_lowest":"19.1",
        "forecast_eps_highest":"24.0","institution_total":31,"institution_up":9,"institution_down":4,
        "forecast_start_date":"1767225600","forecast_end_date":"<now>"}]}
        """,
        "/v1/quote/comp-overview": """
        {"name":"<name>","company_name":"<name> Limited","founded":"1998-11-11","listing_date":"2004-06-16","market":"HK",
        "region":"CN","address":"1 Sample Road","office_address":"1 Sample Road","website":"example.com",
        "issue_price":"3.70","shares_offered":"420000000","chairman":"A. Person","secretary":"B. Person",
        "audit_inst":"Sample Auditors","category":"Software","year_end":"12-31","employees":"110000",
        "Phone":"+852 0000 0000","fax":"","email":"ir@example.com","legal_repr":"","manager":"","bus_license":"",
        "accounting_firm":"","securities_rep":"","legal_counsel":"","zip_code":"","ticker":"<symbol>","icon":"",
        "profile":"A company of the simulation.","ads_ratio":"","sector":10}
        """,
        "/v1/quote/shareholders": """
        {"shareholder_list":[{"shareholder_id":"1","shareholder_name":"Sample Holdings","institution_type":"Corporation",
        "percent_of_shares":"24.1","shares_changed":"0","report_date":"2026-06-30","stocks":[]}],
        "forward_url":"","total":1}
        """,
        "/v1/quote/valuation": """
        {"metrics":{"pe":{"desc":"","high":"30","low":"12","median":"20",
        "list":[{"timestamp":"<now>","value":"19.5"}]}}}
        """,
        "/v1/quote/trades-statistics": """
        {"statistics":{"avgprice":"<last>","buy":"100000","neutral":"20000","sell":"90000","preclose":"<last>",
        "timestamp":"<now>","total_amount":"210000","trade_date":["<today>"],"trades_count":"900"},
        "trades":[{"price":"<last>","buy_amount":"100000","neutral_amount":"20000","sell_amount":"90000"}]}
        """,
        "/v1/quote/financial-reports": #"{"list":{"IS":{"indicators":[]}}}"#,
    ]

    private static let general: [String: String] = [
        "/v1/quote/market-status": """
        {"market_time":[{"market":"HK","trade_status":105,"timestamp":"<now>","delay_trade_status":105,
        "delay_timestamp":"<now>","sub_status":0,"delay_sub_status":0},{"market":"US","trade_status":202,
        "timestamp":"<now>","delay_trade_status":202,"delay_timestamp":"<now>","sub_status":0,"delay_sub_status":0}]}
        """,
        "/v1/quote/market/rank/categories": #"{"categories":[{"key":"ib_hot_all-hk","name":"Hot"}]}"#,
        "/v1/quote/ai/screener/indicators": #"{"indicators":[{"key":"filter_pettm","name":"PE"}]}"#,
        "/v1/quote/ai/screener/strategies/recommend":
            #"{"strategies":[{"id":"1","name":"Value","market":"<market>"}]}"#,
        "/v1/quote/ai/screener/strategies/mine": #"{"strategies":[]}"#,
        "/v1/quote/finance_calendar": """
        {"date":"<today>","list":[{"date":"<today>","count":1,"infos":[{"symbol":"700.HK","market":"HK",
        "content":"Interim results","counter_name":"TENCENT","date_type":"","date":"<today>","data_kv":[],"type":"report",
        "datetime":"<now>","star":3,"id":"1","icon":"","currency":"HKD","ext":{},"live":null,
        "chart_uid":""}]}],"next_date":""}
        """,
        "/v2/quote/macrodata": """
        {"indicator_list":[{"indicator_id":1,"indicator_code":"1","indicator_name":"Consumer prices","market":"US",
        "importance":3,"description":"","frequence":"monthly","name":"Consumer prices"}],"total":1}
        """,
        "/v1/portfolio/profit-analysis-summary": """
        {"currency":"HKD","current_total_asset":"1000000","start_date":"2026-01-01","end_date":"<today>",
        "start_time":"1767225600","end_time":"<now>","ending_asset_value":"1000000","initial_asset_value":"900000",
        "invest_amount":"900000","is_traded":true,"sum_profit":"100000","sum_profit_rate":"0.1111",
        "profits":{"stock":"100000","fund":"0","crypto":"0","mmf":"0","other":"0",
        "cumulative_transaction_amount":"250000","trade_order_num":"12","trade_stock_num":"4","ipo":"0","ipo_hit":0,
        "ipo_subscription":0,"summary_info":[]}}
        """,
        "/v1/portfolio/profit-analysis-sublist": """
        {"start":"1767225600","end":"<now>","start_date":"2026-01-01","end_date":"<today>","updated_at":"<now>",
        "updated_date":"<today>","items":[{"name":"TENCENT","market":"HK","is_holding":true,"profit":"100000",
        "profit_rate":"0.11","clearance_times":0,"type":"stock","currency":"HKD","symbol":"700.HK",
        "security_code":"700","isin":"","underlying_profit":"100000","derivatives_profit":"0","order_profit":"0"}]}
        """,
        "/v1/dailycoins/query": #"{"plans":[]}"#,
        "/v1/orders/info": #"{"name":"","last_done":"","lot_size":"100","bid_sizes":[],"channel_info":{}}"#,
    ]
}
