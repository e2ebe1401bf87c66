import HTTPWire
import Testing

@Suite struct PreferencesTests {
    private func wait(_ lines: String...) -> Int? {
        var fields: HTTPFields = [:]
        for line in lines { fields.append("Prefer", line) }
        return Preferences.waitSeconds(fields)
    }

    @Test func theSecondsOfWaitAreRead() {
        #expect(wait("wait=10") == 10)
        #expect(wait("respond-async, Wait = 0 ;x=1, foo") == 0)
        #expect(wait("return=minimal", "wait=\"7\"") == 7)
        #expect(wait("wait=999999999") == 999_999_999)
    }

    @Test func theFirstOfSeveralCounts() {
        #expect(wait("wait=1, wait=2", "wait=3") == 1)
        #expect(wait("wait=x, wait=2") == nil)
    }

    @Test func whatIsNoNumberOfSecondsIsIgnored() {
        for line in [
            "wait", "wait=", "wait=-1", "wait=+1", "wait=1.5", "wait=1 2", "wait=1234567890", "wait=\"", "await=1", "",
        ] {
            #expect(wait(line) == nil, "\(line)")
        }
        #expect(wait() == nil)
    }
}
