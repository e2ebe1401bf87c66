import Testing

@testable import brokerbridge

@Suite struct ProcessMemoryTests {
    @Test func theBoundsOfBothVersionsOfControlGroupsAreFound() {
        #expect(ProcessMemory.files(ofGroups: "0::/\n") == ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.max"])
        #expect(
            ProcessMemory.files(ofGroups: "0::/system.slice/bridge.service\n") == [
                "/sys/fs/cgroup/system.slice/bridge.service/memory.max", "/sys/fs/cgroup/memory.max",
            ])
        #expect(
            ProcessMemory.files(ofGroups: "9:name=systemd:/\n4:cpu,memory:/box\n2:cpuacct:/\nnonsense\n") == [
                "/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
            ])
        #expect(ProcessMemory.files(ofGroups: "").isEmpty)
    }

    @Test func onlyABoundThatBindsIsOne() {
        #expect(ProcessMemory.bytes(limit: "268435456\n") == 256 << 20)
        for text in ["max\n", "9223372036854771712\n", "", "0\n", "-1\n", "1x\n"] {
            #expect(ProcessMemory.bytes(limit: text) == nil)
        }
    }

    @Test func thisProcessUsesSomething() throws {
        let used = try #require(ProcessMemory.used())
        #expect(used > 1 << 20)
        ProcessMemory.release()
    }
}
