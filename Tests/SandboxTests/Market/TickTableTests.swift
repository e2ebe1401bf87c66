import Testing

@testable import Sandbox

@Suite struct TickTableTests {
    @Test(
        arguments: [
            (249, 1), (250, 5), (499, 5), (500, 10), (9_990, 10), (10_000, 10), (19_990, 10), (20_000, 20),
            (49_980, 20),
            (50_000, 50), (100_000, 100), (200_000, 200), (441_000, 200), (500_000, 500), (1_000_000, 1000),
            (2_000_000, 2000), (5_000_000, 5000), (9_000_000, 5000),
        ] as [(Int64, Int64)])
    func hongKongStepsWithThePrice(price: Int64, step: Int64) throws {
        let security = try #require(SimulatedSecurity.bySymbol["700.HK"])
        #expect(TickTable.step(security, at: price) == step)
    }

    @Test(arguments: SimulatedSecurity.all)
    func roundingGivesAPriceOfTheGridNearby(security: SimulatedSecurity) {
        for permille in stride(from: Int64(1), to: 3000, by: 7) {
            let price = security.price * permille / 1000 + 3
            let rounded = TickTable.rounded(price, security)
            let step = TickTable.step(security, at: rounded)
            #expect(rounded > 0 && rounded % step == 0)
            #expect(abs(rounded - price) <= max(TickTable.step(security, at: price), step))
        }
    }
}
