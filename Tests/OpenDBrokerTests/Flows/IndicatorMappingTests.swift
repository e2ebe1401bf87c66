import BrokerModel
import Bytes
import Clocks
import OpenDWire
import Testing

@testable import OpenDBroker

@Suite struct IndicatorMappingTests {
    private static func basic(_ more: String = "") -> String {
        #"""
        "basic":{"security":{"market":1,"code":"00700"},"type":3,"isSuspend":false,"listTime":"","lotSize":100,
         "priceSpread":0.5,"updateTime":"2026-03-03 10:00:00","highPrice":610,"openPrice":600,"lowPrice":598,
         "lastClosePrice":600,"curPrice":606,"volume":"12345","turnover":7480000,"turnoverRate":0.13,"amplitude":2,
         "volumeRatio":1.05,"closePrice5Minute":605.5
        """# + more + "}"
    }

    /// The figures that are known of a snapshot, as texts.
    private func figures(_ more: String, basic: String = basic()) throws -> [String: String] {
        let snapshot = try parsed(OpenD.QotGetSecuritySnapshot.Snapshot.self, "{\(basic)\(more)}")
        let symbol = try #require(Symbol("700.HK"))
        let values = IndicatorValues(snapshot, symbol: symbol, fields: Indicator.allCases).values
        return Dictionary(
            uniqueKeysWithValues: values.map { field, value in
                switch value {
                case .decimal(let decimal): (field.rawValue, decimal.text)
                case .date(let date): (field.rawValue, date.iso)
                }
            })
    }

    private static let plain = [
        "last": "606", "change": "6", "change_percent": "1.00", "volume": "12345", "turnover": "7480000",
        "turnover_rate": "0.13", "amplitude": "2", "volume_ratio": "1.05", "five_minute_change_percent": "0.08",
    ]

    @Test func ratesOfAShareAreInPercentAndAReturnOnNothingIsNone() throws {
        let equity = #"""
            ,"equityExData":{"issuedShares":"9","issuedMarketVal":5600000000000,"netAsset":1,"netProfit":1,
             "earningsPershare":20,"outstandingShares":"9","outstandingMarketVal":5,"netAssetPershare":100,"eyRate":3,
             "peRate":28,"pbRate":0,"peTTMRate":25.5,"dividendRatioTTM":0.74}
            """#
        let expected = Self.plain.merging([
            "market_value": "5600000000000", "pe_ttm": "25.5", "dividend_yield_ttm": "0.74",
        ]) { $1 }
        #expect(try figures(equity) == expected)
    }

    @Test func onlyWhatWasAskedForIsTold() throws {
        let snapshot = try parsed(OpenD.QotGetSecuritySnapshot.Snapshot.self, "{\(Self.basic())}")
        let values = IndicatorValues(snapshot, symbol: try #require(Symbol("700.HK")), fields: [.last, .priceBook])
        #expect(values.values.keys.map(\.rawValue) == ["last"])
    }

    @Test func anOptionHasItsTermsItsVolatilityAndItsGreeks() throws {
        let option = #"""
            ,"optionExData":{"type":1,"owner":{"market":1,"code":"00700"},"strikeTime":"2026-03-30","strikePrice":600,
             "contractSize":100,"openInterest":0,"impliedVolatility":31.2,"premium":4.5,"delta":0.5,"gamma":0.01,
             "vega":0.7,"theta":-0.2,"rho":0.3}
            """#
        let expected = Self.plain.merging([
            "expiry": "2026-03-30", "strike": "600", "premium": "4.5", "implied_volatility": "31.2",
            "open_interest": "0", "delta": "0.5", "gamma": "0.01", "vega": "0.7", "theta": "-0.2", "rho": "0.3",
        ]) { $1 }
        #expect(try figures(option) == expected)
    }

    private static func warrant(type: Int) -> String {
        """
        ,"warrantExData":{"conversionRate":100,"warrantType":\(type),"strikePrice":540.5,"maturityTime":"2027-03-30",
         "endTradeTime":"2027-03-24","owner":{"market":1,"code":"00700"},"recoveryPrice":550,
         "streetVolumn":"35500000","issueVolumn":"1","streetRate":35.5,"delta":0.61,"impliedVolatility":33.3,
         "premium":4.07,"leverage":28.8,"ipop":12.02,"breakEvenPoint":561.5,"priceRecoveryRatio":10.1,
         "upperStrikePrice":0,"lowerStrikePrice":0}
        """
    }

    @Test func aWarrantHasWhatItsKindHas() throws {
        let common = Self.plain.merging([
            "expiry": "2027-03-30", "strike": "540.5", "outstanding_quantity": "35500000", "outstanding_ratio": "35.5",
            "premium": "4.07", "moneyness": "12.02", "leverage": "28.8", "conversion_ratio": "100",
            "break_even": "561.5",
        ]) { $1 }
        #expect(
            try figures(Self.warrant(type: 1))
                == common.merging(["implied_volatility": "33.3", "warrant_delta": "0.61"]) { $1 })
        #expect(
            try figures(Self.warrant(type: 3))
                == common.merging(["call_price": "550", "to_call_price": "10.1"]) { $1 })
    }

    @Test func withoutAPriceThereIsNoChange() throws {
        let silent = Self.basic().replacing("\"curPrice\":606", with: "\"curPrice\":0")
            .replacing("\"volumeRatio\":1.05", with: "\"volumeRatio\":0")
        let figures = try figures("", basic: silent)
        #expect(Set(figures.keys) == ["volume", "turnover", "turnover_rate", "amplitude"])
    }
}
