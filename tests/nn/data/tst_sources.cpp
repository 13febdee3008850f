#include "nn/data/sources.h"

#include "nn/data/class_names.h"
#include "nn/data/embedded.h"
#include "tests/support/data_files.h"

#include <QTest>
#include <algorithm>
#include <zlib.h>

using namespace nn;
using namespace nn::data;
using namespace tests;

namespace fs = std::filesystem;

namespace {

QString messageFor(const std::string& spec, const DataOptions& options = {}) {
    const auto source = openDataset(spec, options);
    return source ? QString() : QString::fromStdString(source.error().message);
}

/// The checksum of all pixels of a data set, in its order.
unsigned long pixelChecksum(const Dataset& set) {
    unsigned long sum = crc32(0, nullptr, 0);
    for (std::int64_t i = 0; i < set.size(); ++i) {
        sum = crc32_z(sum, set.sample(i).data(), set.sample(i).size());
    }
    return sum;
}

std::vector<std::int32_t> firstLabels(const Dataset& set, std::size_t count) {
    const auto labels = set.labels().first(count);
    return {labels.begin(), labels.end()};
}

DataOptions allForTraining() {
    DataOptions options;
    options.heldOutFraction = 0.0;
    return options;
}

/// A pair of IDX files of 2×2 images with these labels.
void writePair(const TestFolder& folder, const std::string& prefix, const Bytes& labels) {
    const auto count = static_cast<std::uint32_t>(labels.size());
    folder.write(prefix + "-images-idx3-ubyte", idx(8, {count, 2, 2}, counting(4 * labels.size())));
    folder.write(prefix + "-labels-idx1-ubyte.gz", gzip(idx(8, {count}, labels)));
}

} // namespace

class TestSources : public QObject {
    Q_OBJECT

private slots:
    void digitsAreThoseOfUci();
    void digitsHoldOutOneFifthOfEveryClass();
    void digitsAreHeldOutBySeed();
    void fashionMiniIsTheStartOfTheOriginal();
    void embeddedDataAreAttributed();
    void findsDebiansFashionMnist();
    void findsFashionMnistInSearchFolder();
    void namesThePackageWhenFashionMnistIsMissing();
    void readsFourFiles();
    void prefersTheUnpackedCopy();
    void readsOnePair();
    void readsFileWithItsPair();
    void readsLabelsFileAsItsPair();
    void readsEmnistNames();
    void asksWhichOfSeveralDataSets();
    void rejectsOtherNumberOfLabels();
    void rejectsMissingLabels();
    void rejectsSwappedFiles();
    void rejectsTestImagesOfAnotherShape();
    void rejectsImagesWithoutPixels();
    void readsRgbImages();
    void suggestsTheNearestName();
    void listsWhatIsSupported_data();
    void listsWhatIsSupported();
    void rejectsEmptyFolder();
    void rejectsPathBelowAFile();
};

void TestSources::digitsAreThoseOfUci() {
    const DataSource source = openDataset("digits", allForTraining()).value();
    QCOMPARE(source.train.size(), 1797);
    QVERIFY(source.train.shape() == (ImageShape{8, 8, 1}));
    QCOMPARE(source.train.classCounts(),
             (std::vector<std::int64_t>{178, 182, 177, 183, 181, 182, 181, 179, 174, 180}));
    QCOMPARE(firstLabels(source.train, 10),
             (std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    // The first image has the values 0 0 5 13 9 1 0 0 of 16 in its first row.
    const auto row = source.train.sample(0).first(8);
    QCOMPARE(Bytes(row.begin(), row.end()), (Bytes{0, 0, 80, 207, 143, 16, 0, 0}));
    QCOMPARE(pixelChecksum(source.train), 0x2dabc124UL);
    QCOMPARE(source.train.classNames(), numberedClassNames(10));
}

void TestSources::digitsHoldOutOneFifthOfEveryClass() {
    const DataSource source = openDataset("digits", {}).value();
    QCOMPARE(source.testOrigin, TestOrigin::HeldOut);
    QCOMPARE(source.test->classCounts(),
             (std::vector<std::int64_t>{36, 36, 35, 37, 36, 36, 36, 36, 35, 36}));
    QCOMPARE(source.train.size() + source.test->size(), 1797);
    QCOMPARE(source.notes.size(), std::size_t{1});
}

void TestSources::digitsAreHeldOutBySeed() {
    DataOptions other;
    other.seed = 1;
    const auto checksum = [](const DataOptions& options) {
        return pixelChecksum(*openDataset("digits", options)->test);
    };
    QCOMPARE(checksum({}), checksum({}));
    QVERIFY(checksum({}) != checksum(other));
}

void TestSources::fashionMiniIsTheStartOfTheOriginal() {
    const DataSource source = openDataset("fashion-mini", {}).value();
    QCOMPARE(source.testOrigin, TestOrigin::Given);
    QVERIFY(source.train.shape() == (ImageShape{28, 28, 1}));
    QCOMPARE(source.train.classCounts(), std::vector<std::int64_t>(10, 600));
    QCOMPARE(source.test->classCounts(), std::vector<std::int64_t>(10, 100));
    QCOMPARE(firstLabels(source.train, 10),
             (std::vector<std::int32_t>{9, 0, 0, 3, 0, 2, 7, 2, 5, 5}));
    QCOMPARE(source.train.labelName(0), std::string("Ankle boot"));
    QCOMPARE(pixelChecksum(source.train), 0xf621bb3eUL);
    QCOMPARE(pixelChecksum(*source.test), 0x33c8fc15UL);
    QVERIFY(source.notes.empty());
}

void TestSources::embeddedDataAreAttributed() {
    const Provenance digits = openDataset("digits", {})->train.provenance();
    QCOMPARE(digits.licence, std::string("CC BY 4.0"));
    QVERIFY(digits.attribution.find("10.24432/C50P49") != std::string::npos);
    const Provenance fashion = openDataset("fashion-mini", {})->train.provenance();
    QCOMPARE(fashion.licence, std::string("MIT"));
    QVERIFY(fashion.attribution.find("Zalando") != std::string::npos);
}

void TestSources::findsDebiansFashionMnist() {
    const auto source = openDataset("fashion-mnist", {});
    QVERIFY2(source.has_value(), "the tests need the Debian package dataset-fashion-mnist");
    QCOMPARE(source->train.classCounts(), std::vector<std::int64_t>(10, 6000));
    QCOMPARE(source->test->classCounts(), std::vector<std::int64_t>(10, 1000));
    QCOMPARE(source->train.classNames(), fashionClassNames());
    QCOMPARE(pixelChecksum(source->train), 0xae65dccdUL);
    QCOMPARE(pixelChecksum(*source->test), 0x12728439UL);
    QCOMPARE(source->train.provenance().title, std::string("Fashion-MNIST"));
}

void TestSources::findsFashionMnistInSearchFolder() {
    const TestFolder folder;
    writePair(folder, "fashion-mnist/train", {0, 1, 1});
    writePair(folder, "fashion-mnist/t10k", {1, 0});
    DataOptions options;
    options.searchFolders = {folder.path()};
    const DataSource source = openDataset("fashion-mnist", options).value();
    QCOMPARE(source.train.size(), 3);
    QCOMPARE(source.test->size(), 2);
}

void TestSources::namesThePackageWhenFashionMnistIsMissing() {
    const TestFolder folder;
    DataOptions options;
    options.systemFolders = {folder.path()};
    const QString message = messageFor("fashion-mnist", options);
    QVERIFY2(message.contains("apt install dataset-fashion-mnist") &&
                 message.contains(QString::fromStdString(folder.path().string())) &&
                 message.contains("fashion-mini"),
             qPrintable(message));
}

void TestSources::readsFourFiles() {
    const TestFolder folder;
    writePair(folder, "train", {0, 1, 4});
    writePair(folder, "t10k", {1, 5});
    const DataSource source = openDataset(folder.path().string(), {}).value();
    QCOMPARE(source.testOrigin, TestOrigin::Given);
    QCOMPARE(source.train.size(), 3);
    QCOMPARE(source.test->size(), 2);
    // Both parts know all classes, also those only the other has.
    QCOMPARE(source.train.classNames(), numberedClassNames(6));
    QCOMPARE(source.test->classNames(), numberedClassNames(6));
    QVERIFY(source.train.image(1) == (Image{{2, 2, 1}, {4, 5, 6, 7}}));
}

void TestSources::prefersTheUnpackedCopy() {
    const TestFolder folder;
    writePair(folder, "train", {0, 1});
    folder.write("train-images-idx3-ubyte.gz", bytes("no gzip"));
    QCOMPARE(openDataset(folder.path().string(), allForTraining())->train.size(), 2);
}

void TestSources::readsOnePair() {
    const TestFolder folder;
    writePair(folder, "mine", Bytes(10, 1));
    const DataSource source = openDataset(folder.path().string(), {}).value();
    QCOMPARE(source.testOrigin, TestOrigin::HeldOut);
    QCOMPARE(source.train.size(), 8);
}

void TestSources::readsFileWithItsPair() {
    const TestFolder folder;
    writePair(folder, "train", {0, 1, 1});
    writePair(folder, "t10k", {1, 0});
    const auto open = [&](const char* name) {
        return openDataset((folder.path() / name).string(), allForTraining()).value();
    };
    QCOMPARE(open("train-images-idx3-ubyte").test->size(), 2);
    QCOMPARE(open("t10k-images-idx3-ubyte").train.size(), 2);
    QVERIFY(!open("t10k-images-idx3-ubyte").test.has_value());
}

void TestSources::readsLabelsFileAsItsPair() {
    const TestFolder folder;
    writePair(folder, "mine", {0, 1, 1});
    const std::string labels = (folder.path() / "mine-labels-idx1-ubyte.gz").string();
    QCOMPARE(openDataset(labels, allForTraining())->train.size(), 3);
}

void TestSources::readsEmnistNames() {
    const TestFolder folder;
    writePair(folder, "emnist-letters-train", {1, 2, 3});
    writePair(folder, "emnist-letters-test", {1, 2});
    const DataSource source = openDataset(folder.path().string(), {}).value();
    QCOMPARE(source.train.size(), 3);
    QCOMPARE(source.test->size(), 2);
    QCOMPARE(source.train.classCounts(), (std::vector<std::int64_t>{0, 1, 1, 1}));
}

void TestSources::asksWhichOfSeveralDataSets() {
    const TestFolder folder;
    writePair(folder, "emnist-letters-train", {1});
    writePair(folder, "emnist-digits-train", {1});
    const QString message = messageFor(folder.path().string());
    QVERIFY2(message.contains("emnist-digits-train-images-idx3-ubyte") &&
                 message.contains("Choose one"),
             qPrintable(message));
}

void TestSources::rejectsOtherNumberOfLabels() {
    const TestFolder folder;
    writePair(folder, "mine", {0, 1, 1});
    folder.write("mine-labels-idx1-ubyte.gz", gzip(idx(8, {2}, {0, 1})));
    const QString message = messageFor(folder.path().string());
    QVERIFY2(message.contains("mine-labels-idx1-ubyte.gz, byte 4: expected 3 labels") &&
                 message.contains("the header says 2"),
             qPrintable(message));
}

void TestSources::rejectsMissingLabels() {
    const TestFolder folder;
    folder.write("mine-images-idx3-ubyte", idx(8, {1, 2, 2}, counting(4)));
    QVERIFY(messageFor(folder.path().string()).contains("mine-labels-idx1-ubyte"));
}

void TestSources::rejectsSwappedFiles() {
    const TestFolder folder;
    folder.write("mine-labels-idx1-ubyte", idx(8, {1, 2, 2}, counting(4)));
    folder.write("mine-images-idx3-ubyte", idx(8, {1}, {0}));
    QVERIFY(messageFor(folder.path().string()).contains("byte 2: expected images"));
}

void TestSources::rejectsTestImagesOfAnotherShape() {
    const TestFolder folder;
    writePair(folder, "train", {0, 1});
    writePair(folder, "t10k", {0, 1});
    folder.write("t10k-images-idx3-ubyte", idx(8, {2, 3, 2}, counting(12)));
    const QString message = messageFor(folder.path().string());
    QVERIFY2(message.contains("expected test images of 2×2 grey") && message.contains("3×2 grey"),
             qPrintable(message));
}

void TestSources::rejectsImagesWithoutPixels() {
    const TestFolder folder;
    for (const std::vector<std::uint32_t>& extents :
         {std::vector<std::uint32_t>{0, 2, 2}, {1, 0, 2}, {1, 2, 0}}) {
        writePair(folder, "mine", {0});
        folder.write("mine-images-idx3-ubyte", idx(8, extents, {}));
        QVERIFY(messageFor(folder.path().string()).contains("at least one image"));
    }
}

void TestSources::readsRgbImages() {
    const TestFolder folder;
    writePair(folder, "mine", {0, 1});
    folder.write("mine-images-idx3-ubyte", idx(8, {2, 2, 2, 3}, counting(24)));
    const Dataset set = openDataset(folder.path().string(), allForTraining())->train;
    QVERIFY(set.shape() == (ImageShape{2, 2, 3}));
    QCOMPARE(set.sample(1)[0], std::uint8_t{12});
}

void TestSources::suggestsTheNearestName() {
    QVERIFY(messageFor("fashon-mnist").contains("Did you mean fashion-mnist?"));
    QVERIFY(messageFor("").contains("There is no data set"));
}

void TestSources::listsWhatIsSupported_data() {
    QTest::addColumn<QString>("name");
    QTest::newRow("npz") << "mnist.npz";
    QTest::newRow("csv") << "mnist.csv";
    QTest::newRow("cifar") << "data_batch_1.bin";
    QTest::newRow("photo") << "cat.png";
}

void TestSources::listsWhatIsSupported() {
    QFETCH(const QString, name);
    const TestFolder folder;
    const fs::path file = folder.write(name.toStdString(), bytes("content"));
    const auto source = openDataset(file.string(), {});
    QVERIFY(!source.has_value());
    QCOMPARE(source.error().code, ErrorCode::Unsupported);
    QVERIFY(source.error().message.find("Supported are") != std::string::npos);
}

void TestSources::rejectsEmptyFolder() {
    const TestFolder folder;
    DataOptions options;
    options.decoder = pnmDecoder();
    QVERIFY(messageFor(folder.path().string(), options).contains("a folder for each class"));
}

void TestSources::rejectsPathBelowAFile() {
    const TestFolder folder;
    const fs::path file = folder.write("file", bytes("content"));
    QVERIFY(!messageFor((file / "inside").string()).isEmpty());
}

QTEST_APPLESS_MAIN(TestSources)
#include "tst_sources.moc"
