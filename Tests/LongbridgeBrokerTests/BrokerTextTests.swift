import Testing

@testable import LongbridgeBroker

@Suite struct BrokerTextTests {
    @Test func textsAreKeptAsTheyAreUpToTheBoundAndCutAbove() {
        #expect(BrokerText.of("") == nil)
        #expect(BrokerText.of("騰訊\u{0}<b>\r\n") == "騰訊\u{0}<b>\r\n")
        let longest = String(repeating: "x", count: BrokerText.bound)
        #expect(BrokerText.of(longest) == longest)
        #expect(BrokerText.of(longest + "x") == String(repeating: "x", count: BrokerText.bound - 3) + "…")
    }

    @Test(arguments: 0...4) func noCharacterIsCutInItsMiddle(_ offset: Int) {
        let text = String(repeating: "a", count: offset) + String(repeating: "\u{1F4C8}", count: 1000)
        let cut = BrokerText.of(text) ?? ""
        #expect(cut.utf8.count <= BrokerText.bound && cut.utf8.count > BrokerText.bound - 8)
        #expect(cut.hasSuffix("…") && !cut.contains("\u{FFFD}") && text.hasPrefix(cut.dropLast()))
    }
}
