internal import CShims
internal import Glibc

/// What this process uses of memory, and what its control group lets it use.
enum ProcessMemory {
    /// Bytes that are in memory and no file's; `nil` if the kernel does not say.
    ///
    /// - Source: proc(5), `/proc/PID/statm`: in pages, the second number what is resident, the third what of it is of files.
    static func used() -> Int? {
        guard let text = contents("/proc/self/statm") else { return nil }
        let numbers = text.split(separator: " ").prefix(3).compactMap { Int($0) }
        guard numbers.count == 3 else { return nil }
        return (numbers[1] - numbers[2]) * sysconf(Int32(_SC_PAGESIZE))
    }

    /// Gives freed memory back to the system.
    static func release() { bb_release_memory() }

    /// The least of what the control groups above this process allow, in bytes; `nil` for no bound.
    static func limit() -> Int? {
        guard let groups = contents("/proc/self/cgroup") else { return nil }
        return files(ofGroups: groups).compactMap { contents($0).flatMap(bytes(limit:)) }.min()
    }

    /// Where the bounds stand, in either version of control groups. Inside a container the group is the root of what is
    /// mounted, whatever its name is outside.
    static func files(ofGroups text: String) -> [String] {
        text.split(separator: "\n").flatMap { line -> [String] in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return [] }
            let path = parts[2] == "/" ? "" : String(parts[2])
            if parts[1].isEmpty { return ["/sys/fs/cgroup\(path)/memory.max", "/sys/fs/cgroup/memory.max"] }
            guard parts[1].split(separator: ",").contains("memory") else { return [] }
            let root = "/sys/fs/cgroup/memory"
            return ["\(root)\(path)/memory.limit_in_bytes", "\(root)/memory.limit_in_bytes"]
        }
    }

    /// A bound; `nil` for `max` and for the numbers that mean it.
    static func bytes(limit text: String) -> Int? {
        let digits = text.prefix { $0 != "\n" }
        guard let bytes = Int(digits), bytes > 0, bytes < 1 << 50 else { return nil }
        return bytes
    }

    /// The beginning of a small file.
    private static func contents(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}
