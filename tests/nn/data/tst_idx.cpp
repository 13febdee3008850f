#include "nn/data/idx.h"

#include "tests/support/data_files.h"

#include <QTest>

using namespace nn;
using namespace nn::data;
using namespace tests;

namespace {

constexpr std::uint64_t kBudget = std::uint64_t{1} << 20;

/// The message of a failed reading; empty when it succeeded.
QString messageFor(const Bytes& content, std::uint64_t budget = kBudget) {
    const auto result = parseIdx(std::as_bytes(std::span(content)), "file", budget);
    return result ? QString() : QString::fromStdString(result.error().message);
}

ErrorCode codeFor(const Bytes& content, std::uint64_t budget = kBudget) {
    const auto result = parseIdx(std::as_bytes(std::span(content)), "file", budget);
    return result ? ErrorCode::Usage : result.error().code;
}

Bytes changed(Bytes content, std::size_t at, std::uint8_t value) {
    content[at] = value;
    return content;
}

QString labelMessage(const Bytes& content) {
    const auto array = parseIdx(std::as_bytes(std::span(content)), "labels", kBudget);
    const auto labels = array ? idxLabels(*array) : tl::unexpected(array.error());
    return labels ? QString() : QString::fromStdString(labels.error().message);
}

} // namespace

class TestIdx : public QObject {
    Q_OBJECT

private slots:
    void readsExtentsAndBytes();
    void readsPackedFiles();
    void readsSeveralGzipMembers();
    void readsLabelsOfAllWholeTypes();
    void rejectsTruncatedHeader();
    void rejectsTruncatedData();
    void rejectsDataBehindTheEnd();
    void rejectsWrongMagic_data();
    void rejectsWrongMagic();
    void rejectsHugeExtentsBeforeAllocating();
    void rejectsOverflowingProduct();
    void rejectsWhatExceedsTheBudget();
    void rejectsGzipThatIsGarbage();
    void rejectsGzipWithWrongChecksum();
    void rejectsGzipThatLiesAboutItsSize();
    void rejectsTruncatedGzip();
    void rejectsBytesBehindGzip();
    void survivesEveryChangedByte();
    void stopsAtTheEndOfABomb();
    void rejectsUnpackedFileNamedGz();
    void rejectsMissingFile();
    void rejectsFolderAndDevice();
    void rejectsLabelsOutOfRange();
    void rejectsImagesAsLabels();
};

void TestIdx::readsExtentsAndBytes() {
    const TestFolder folder;
    const auto array = readIdx(folder.write("a", idx(8, {3, 4, 5}, counting(60))), kBudget);
    QVERIFY(array.has_value());
    QCOMPARE(array->extents, (std::vector<std::int64_t>{3, 4, 5}));
    QCOMPARE(array->bytes, counting(60));
    QCOMPARE(array->offsetOf(7), std::size_t{23});
}

void TestIdx::readsPackedFiles() {
    const TestFolder folder;
    const Bytes data = counting(300'000);
    const auto array = readIdx(folder.write("a.gz", gzip(idx(8, {300, 1000}, data))), kBudget);
    QVERIFY(array.has_value());
    QCOMPARE(array->bytes, data);
}

void TestIdx::readsSeveralGzipMembers() {
    const Bytes whole = idx(8, {100}, counting(100));
    Bytes packed = gzip({whole.begin(), whole.begin() + 50});
    const Bytes second = gzip({whole.begin() + 50, whole.end()});
    packed.insert(packed.end(), second.begin(), second.end());
    const auto array = parseIdx(std::as_bytes(std::span(packed)), "file", kBudget);
    QVERIFY(array.has_value());
    QCOMPARE(array->bytes, counting(100));
}

void TestIdx::readsLabelsOfAllWholeTypes() {
    const std::vector<std::int32_t> expected{1, 2};
    for (const Bytes& file :
         {idx(0x08, {2}, {1, 2}), idx(0x09, {2}, {1, 2}), idx(0x0B, {2}, {0, 1, 0, 2}),
          idx(0x0C, {2}, {0, 0, 0, 1, 0, 0, 0, 2})}) {
        const auto array = parseIdx(std::as_bytes(std::span(file)), "labels", kBudget);
        QVERIFY(array.has_value());
        const auto labels = idxLabels(*array);
        QVERIFY(labels.has_value());
        QCOMPARE(*labels, expected);
    }
}

void TestIdx::rejectsTruncatedHeader() {
    QVERIFY(messageFor({}).contains("byte 0"));
    QVERIFY(messageFor({0, 0, 8}).contains("byte 3"));
    QVERIFY(messageFor({0, 0, 8, 3, 0, 0, 0, 1}).contains("byte 8"));
}

void TestIdx::rejectsTruncatedData() {
    const QString message = messageFor(idx(8, {10, 28, 28}, counting(5000)));
    QVERIFY2(message.contains("10×28×28") && message.contains("7,840") &&
                 message.contains("5,000") && message.contains("byte 4"),
             qPrintable(message));
    // Packed, the size is known only when the data end.
    const QString packed = messageFor(gzip(idx(8, {10, 28, 28}, counting(5000))));
    QVERIFY2(packed.contains("byte 5,016") && packed.contains("7,840"), qPrintable(packed));
}

void TestIdx::rejectsDataBehindTheEnd() {
    const QString message = messageFor(idx(8, {10}, counting(11)));
    QVERIFY2(message.contains("byte 18") && message.contains("more bytes"), qPrintable(message));
    QVERIFY(messageFor(gzip(idx(8, {10}, counting(11)))).contains("byte 18"));
}

void TestIdx::rejectsWrongMagic_data() {
    QTest::addColumn<int>("at");
    QTest::addColumn<int>("value");
    QTest::newRow("first byte") << 0 << 1;
    QTest::newRow("second byte") << 1 << 8;
    QTest::newRow("type 0x0A") << 2 << 0x0A;
    QTest::newRow("type 0x0F") << 2 << 0x0F;
    QTest::newRow("no dimension") << 3 << 0;
    QTest::newRow("five dimensions") << 3 << 5;
}

void TestIdx::rejectsWrongMagic() {
    QFETCH(const int, at);
    QFETCH(const int, value);
    const Bytes file = changed(idx(8, {60}, counting(60)), static_cast<std::size_t>(at),
                               static_cast<std::uint8_t>(value));
    QVERIFY2(messageFor(file).startsWith("file, byte 0: expected the start of an IDX file"),
             qPrintable(messageFor(file)));
    QCOMPARE(codeFor(file), ErrorCode::InvalidFile);
}

void TestIdx::rejectsHugeExtentsBeforeAllocating() {
    QVERIFY(messageFor(idx(8, {0x8000'0000U}, counting(9))).contains("2,147,483,648"));
    const QString packed = messageFor(gzip(idx(8, {0x8000'0000U}, counting(9))));
    QVERIFY2(packed.contains("cannot hold more"), qPrintable(packed));
}

void TestIdx::rejectsOverflowingProduct() {
    const Bytes file = idx(0x0E, {0xFFFF'FFFFU, 0xFFFF'FFFFU, 0xFFFF'FFFFU}, counting(9));
    QVERIFY2(messageFor(file).contains("more than any file can hold"),
             qPrintable(messageFor(file)));
}

void TestIdx::rejectsWhatExceedsTheBudget() {
    const Bytes file = idx(8, {100, 28, 28}, counting(78'400));
    QVERIFY(messageFor(file, 78'400).isEmpty());
    QCOMPARE(codeFor(file, 78'399), ErrorCode::TooLarge);
}

void TestIdx::rejectsGzipThatIsGarbage() {
    Bytes file{0x1f, 0x8b};
    const Bytes garbage = counting(500);
    file.insert(file.end(), garbage.begin(), garbage.end());
    QVERIFY2(messageFor(file).contains("damaged"), qPrintable(messageFor(file)));
    QCOMPARE(codeFor(file), ErrorCode::InvalidFile);
}

void TestIdx::rejectsGzipWithWrongChecksum() {
    Bytes file = gzip(idx(8, {100}, counting(100)));
    file[file.size() - 8] ^= 1;
    QVERIFY2(messageFor(file).contains("incorrect data check"), qPrintable(messageFor(file)));
}

void TestIdx::rejectsGzipThatLiesAboutItsSize() {
    Bytes file = gzip(idx(8, {100}, counting(100)));
    file[file.size() - 4] ^= 1;
    QVERIFY2(messageFor(file).contains("incorrect length check"), qPrintable(messageFor(file)));
}

void TestIdx::rejectsTruncatedGzip() {
    const Bytes whole = gzip(idx(8, {100}, counting(100)));
    for (std::size_t size = 2; size < whole.size(); ++size) {
        const QString message = messageFor({whole.begin(), whole.begin() + std::ptrdiff_t(size)});
        QVERIFY2(message.contains("byte " + QString::number(size)) || message.contains("byte 4"),
                 qPrintable(message));
    }
}

void TestIdx::rejectsBytesBehindGzip() {
    Bytes file = gzip(idx(8, {100}, counting(100)));
    const std::size_t end = file.size();
    file.insert(file.end(), {1, 2, 3});
    QVERIFY2(messageFor(file).contains("byte " + QString::number(end)) &&
                 messageFor(file).contains("other bytes follow"),
             qPrintable(messageFor(file)));
}

void TestIdx::survivesEveryChangedByte() {
    const Bytes good = gzip(idx(8, {5, 6, 7}, counting(210)));
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const int mask : {0x01, 0x80, 0xFF}) {
            const Bytes file = changed(good, at, static_cast<std::uint8_t>(good[at] ^ mask));
            const auto result = parseIdx(std::as_bytes(std::span(file)), "file", kBudget);
            // Some header bytes of gzip (time, system) mean nothing; the data are never wrong.
            QVERIFY(!result.has_value() || result->bytes == counting(210));
            QVERIFY(result.has_value() || result.error().message.starts_with("file"));
        }
    }
}

void TestIdx::stopsAtTheEndOfABomb() {
    // 64 MB of zeros in 64 KB, while the header promises 16 bytes.
    const Bytes file = gzip(idx(8, {16}, Bytes(std::size_t{64} << 20)));
    QVERIFY(messageFor(file, 1000).contains("byte 24"));
}

void TestIdx::rejectsUnpackedFileNamedGz() {
    const TestFolder folder;
    const auto result = readIdx(folder.write("a.gz", idx(8, {4}, counting(4))), kBudget);
    QVERIFY(!result.has_value());
    QVERIFY(result.error().message.find("1f 8b") != std::string::npos);
}

void TestIdx::rejectsMissingFile() {
    const TestFolder folder;
    const auto result = readIdx(folder.path() / "none", kBudget);
    QVERIFY(!result.has_value());
    QCOMPARE(result.error().code, ErrorCode::Io);
    QVERIFY(result.error().message.find("none") != std::string::npos);
}

void TestIdx::rejectsFolderAndDevice() {
    for (const char* path : {"/", "/dev/zero"}) {
        const auto result = readIdx(path, kBudget);
        QVERIFY(!result.has_value());
        QVERIFY(result.error().message.find("not a regular file") != std::string::npos);
    }
}

void TestIdx::rejectsLabelsOutOfRange() {
    const QString negative = labelMessage(idx(0x09, {3}, {1, 2, 0xFF}));
    QVERIFY2(negative.contains("byte 10") && negative.contains("label -1"), qPrintable(negative));
    const QString huge = labelMessage(idx(0x0C, {2}, {0, 0, 0, 1, 0x7F, 0, 0, 0}));
    QVERIFY2(huge.contains("byte 12") && huge.contains("2130706432"), qPrintable(huge));
}

void TestIdx::rejectsImagesAsLabels() {
    QVERIFY(labelMessage(idx(8, {2, 2}, {1, 2, 3, 4})).contains("2×2"));
    QVERIFY(labelMessage(idx(0x0D, {1}, {0, 0, 0, 0})).contains("fractions"));
}

QTEST_APPLESS_MAIN(TestIdx)
#include "tst_idx.moc"
