/// The word of `words` that `text` most likely meant, if any is near enough to be worth naming.
func nearest(to text: String, among words: some Sequence<String>) -> String? {
    guard text.unicodeScalars.count <= 64 else { return nil }
    let allowed = max(1, text.unicodeScalars.count / 3)
    let rated = words.map { (word: $0, distance: editDistance(text, $0)) }
    guard let best = rated.min(by: { ($0.distance, $0.word) < ($1.distance, $1.word) }), best.distance <= allowed else {
        return nil
    }
    return best.word
}

/// How many letters must be put in, taken out, exchanged or swapped with their neighbour.
private func editDistance(_ left: String, _ right: String) -> Int {
    let a = Array(left.unicodeScalars)
    let b = Array(right.unicodeScalars)
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var twoAbove = [Int](repeating: 0, count: b.count + 1)
    var above = Array(0...b.count)
    for i in 1...a.count {
        var row = [i] + [Int](repeating: 0, count: b.count)
        for j in 1...b.count {
            let cost = a[i - 1] == b[j - 1] ? 0 : 1
            row[j] = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + cost)
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], twoAbove[j - 2] + 1) }
        }
        (twoAbove, above) = (above, row)
    }
    return above[b.count]
}
