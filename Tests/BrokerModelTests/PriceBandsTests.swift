import BrokerModel
import Bytes
import Testing

@Suite struct PriceBandsTests {
    @Test func bandsGrowAndTheLastIsOpen() {
        let bands = PriceBands.hongKongShares
        #expect(bands.count == 11)
        for (band, next) in zip(bands, bands.dropFirst()) {
            #expect(band.step < next.step)
            #expect(band.below != nil)
        }
        #expect(bands.last?.below == nil)
    }

    @Test(arguments: [("2800", true), ("3188", true), ("700", false), ("823", false), ("9988", false), ("X", false)])
    func productsHaveRangesOfTheirOwn(_ code: String, _ isProduct: Bool) {
        #expect(PriceBands.isHongKongProduct(code) == isProduct)
    }
}
