import BrokerModel
import Bytes
import Clocks
import LongbridgeWire
import Protobuf
import Testing

@testable import LongbridgeBroker

@Suite struct DerivativeMappingTests {
    typealias Wire = Longbridge.Quote

    @Test func theCapturedOptionKeepsItsTerms() throws {
        let answer = try Wire.OptionQuoteResponse.decode(CapturedFrames.body("option_quote.response 12"))
        let record = try #require(answer.secuQuote.first)
        let symbol = try #require(Symbol(record.symbol))
        #expect(symbol.text == "AAPL261218C00230000.US")
        let quote = OptionQuote(record, symbol: symbol)
        #expect(quote.figures.last?.text == "7.70")
        #expect(quote.underlying?.text == "AAPL.US")
        #expect(quote.right == .call)
        #expect(quote.style == .american)
        #expect(quote.strike?.text == "230.00")
        #expect(quote.expiry?.iso == "2026-12-18")
        #expect(quote.impliedVolatility?.text == "0.592")
        #expect(quote.openInterest?.text == "8449")
        #expect(quote.greeks == nil)
    }

    @Test func termsAreReadFromTheSymbolWhereTheRecordLacksThem() throws {
        let quote = OptionQuote(Wire.OptionQuote(), symbol: try symbol("AAPL261218P00162500.US"))
        #expect(quote.right == .put)
        #expect(quote.strike?.text == "162.500")
        #expect(quote.expiry?.iso == "2026-12-18")
        #expect(quote.openInterest == nil)
    }

    @Test func theCapturedWarrantKeepsItsTerms() throws {
        let answer = try Wire.WarrantQuoteResponse.decode(CapturedFrames.body("warrant_quote.response 13"))
        let record = try #require(answer.secuQuote.first)
        let quote = WarrantQuote(record, symbol: try #require(Symbol(record.symbol)))
        #expect(quote.kind == .bull)
        #expect(quote.callPrice?.text == "353.002")
        #expect(quote.strike?.text == "346.080")
        #expect(quote.upperStrike == nil)
        #expect(quote.conversionRatio?.text == "10")
        #expect(quote.expiry?.iso == "2027-03-22")
        #expect(quote.outstandingQuantity?.text == "2465000")
    }

    @Test func theCapturedRowShowsOnlyWhatAppliesToItsKind() throws {
        let answer = try Wire.WarrantFilterListResponse.decode(CapturedFrames.body("warrant_list.response 23"))
        let record = try #require(answer.warrantList.first)
        let row = try #require(WarrantRow(record))
        #expect(row.kind == WarrantKind(number: record.type))
        #expect(row.status == .normal)
        #expect(row.figures[.last]?.text == "1.670")
        #expect(row.figures[.changePercent]?.text == "0.018293")
        #expect(row.figures[.outstandingQuantity]?.text == "80000")
        #expect(row.kind == .inline)
        #expect(row.figures[.upperStrike]?.text == "179.124")
        #expect(row.figures[.strike] == nil)
        #expect(row.expiry?.iso == "2027-06-25")
    }

    @Test func capturedExpiriesAndIssuersAreRead() throws {
        let dates = try Wire.OptionChainDateListResponse.decode(CapturedFrames.body("option_expiry_dates.response 20"))
        #expect(dates.expiryDate.compactMap { CivilDate(compact: $0) }.count == 13)
        let issuers = try Wire.IssuerInfoResponse.decode(CapturedFrames.body("warrant_issuers.response 22"))
            .issuerInfo.map { WarrantIssuer($0) }
        #expect(issuers.map(\.id) == [15, 14, 12, 1])
        #expect(issuers.first?.nameTraditionalChinese == "瑞銀")
    }

    @Test func aFilterIsWrittenInTheVendorsNumbers() {
        var filter = WarrantFilter()
        filter.kinds = [.bull, .inline]
        filter.issuers = [15]
        filter.expiries = [.underThreeMonths, .overTwelveMonths]
        filter.bounds = [.outside]
        filter.statuses = [.suspended, .normal]
        filter.column = .toCallPrice
        filter.offset = 20
        filter.count = 10
        let config = Wire.FilterConfig(filter)
        #expect(config.type == [2, 4])
        #expect(config.issuer == [15])
        #expect(config.expiryDate == [1, 4])
        #expect(config.priceType == [2])
        #expect(config.status == [2, 4])
        #expect(config.sortBy == 16)
        #expect(config.sortOrder == 1)
        #expect(config.sortOffset == 20)
        #expect(config.sortCount == 10)
    }

    @Test func contractsOfTheHTTPCallArePutTogetherByStrike() throws {
        let text = """
            [{"strike_price":"230.00","direction":"P","symbol":"AAPL261218P230000.US","standard_attr":""},
             {"strike_price":"230","direction":"C","symbol":"AAPL261218C230000.US","standard_attr":""},
             {"strike_price":"225","direction":"C","symbol":"AAPL261218C225000.US","standard_attr":"X"},
             {"strike_price":"?","direction":"C","symbol":"AAPL261218C1.US"}, {"direction":"C"}, 7]
            """
        let contracts = try #require(JSONValue.parse(Array(text.utf8)).arrayValue)
        let rows = OptionChainRow.rows(contracts)
        #expect(rows.map(\.strike.text) == ["225", "230.00"])
        #expect(rows.map(\.isStandard) == [false, true])
        #expect(rows.last?.call?.text == "AAPL261218C00230000.US" && rows.last?.put != nil)
        #expect(rows.first?.put == nil)
    }

    @Test func aChainRowNamesBothContracts() throws {
        var record = Wire.StrikePriceInfo()
        record.price = "162.5"
        record.callSymbol = "AAPL261218C162500.US"
        record.putSymbol = "AAPL261218P162500.US"
        record.standard = true
        let row = try #require(OptionChainRow(record))
        #expect(row.call?.text == "AAPL261218C00162500.US")
        #expect(row.put?.wire == "AAPL261218P162500.US")
        record.price = "?"
        #expect(OptionChainRow(record) == nil)
    }
}
