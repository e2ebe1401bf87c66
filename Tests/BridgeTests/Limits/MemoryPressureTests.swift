import Testing

@testable import Bridge

@Suite struct MemoryPressureTests {
    @Test func stagesAreEnteredAtOnceAndLeftWithAMargin() {
        var pressure = MemoryPressure(limit: 1000)
        func stage(_ used: Int) -> MemoryPressure.Stage {
            _ = pressure.measured(used)
            return pressure.stage
        }
        #expect([0, 799, 800, 760, 750].map(stage) == [.ample, .ample, .tight, .tight, .tight])
        #expect([749, 790, 890, 900, 860].map(stage) == [.ample, .ample, .tight, .scarce, .scarce])
        #expect([849, 899, 950, 700].map(stage) == [.tight, .tight, .scarce, .ample])
        #expect(stage(5000) == .scarce)
    }

    @Test func onlyAnotherStageIsNews() {
        var pressure = MemoryPressure(limit: 100_000)
        #expect(
            [10_000, 85_000, 86_000, 99_000, 87_000, 10].map { pressure.measured($0) } == [
                false, true, false, true, false, true,
            ])
    }

    @Test func noLimitAndNoUseTrap() {
        for limit in [0, 1, -5, .max] {
            var pressure = MemoryPressure(limit: limit)
            for used in [0, 1, Int.max] { _ = pressure.measured(used) }
        }
    }
}
