#include "nn/data/image_folder.h"

#include "tests/support/data_files.h"

#include <QTest>
#include <algorithm>
#include <unistd.h>

using namespace nn;
using namespace nn::data;
using namespace tests;

namespace fs = std::filesystem;

namespace {

DataOptions allForTraining() {
    DataOptions options;
    options.decoder = pnmDecoder();
    options.heldOutFraction = 0.0;
    return options;
}

Bytes grey(int height, int width, std::uint8_t value) {
    const ImageShape shape{height, width, 1};
    return pnm(shape, Bytes(shape.bytes(), value));
}

/// Classes cat (values 1, 2) and dog (3, 4, 5) of 2×3 grey images.
void writePets(const TestFolder& folder, const std::string& under = "") {
    folder.write(under + "dog/c.pgm", grey(2, 3, 5));
    folder.write(under + "dog/a.pgm", grey(2, 3, 3));
    folder.write(under + "dog/b.pgm", grey(2, 3, 4));
    folder.write(under + "cat/2.pgm", grey(2, 3, 2));
    folder.write(under + "cat/1.pgm", grey(2, 3, 1));
}

QString messageFor(const fs::path& root, const DataOptions& options = allForTraining()) {
    const auto source = openImageFolder(root, options);
    return source ? QString() : QString::fromStdString(source.error().message);
}

/// Gives up the rights of root, for whom no folder is unreadable, until the end of a test.
class OrdinaryUser {
public:
    OrdinaryUser() : m_isChanged(geteuid() == 0 && seteuid(65534) == 0) {}
    OrdinaryUser(const OrdinaryUser&) = delete;
    OrdinaryUser& operator=(const OrdinaryUser&) = delete;
    ~OrdinaryUser() {
        if (m_isChanged && seteuid(0) != 0) {
            qFatal("seteuid failed");
        }
    }

private:
    bool m_isChanged;
};

} // namespace

class TestImageFolder : public QObject {
    Q_OBJECT

private slots:
    void readsClassesInSortedOrder();
    void ignoresOtherFilesAndHiddenFolders();
    void makesTheMostCommonSize();
    void makesTheRequestedSize();
    void isRgbWhenOneImageIs();
    void holdsOutATestSet();
    void takesTrainAndTestFolders();
    void rejectsTestClassWithoutTraining();
    void leavesOutUnreadableFilesAndSaysSo();
    void rejectsClassWithOnlyUnreadableFiles();
    void rejectsOneClass();
    void rejectsEmptyFolder();
    void rejectsClassWithoutImages();
    void rejectsMissingFolder();
    void rejectsUnreadableFolder();
    void rejectsWhatExceedsTheBudget();
    void rejectsHugePictureByItsHeader();
    void rejectsImpossibleRequestedShape();
    void needsADecoder();
    void stopsWhenAsked();
    void reportsProgress();
    void ignoresLinksThatLeaveTheFolder();
};

void TestImageFolder::readsClassesInSortedOrder() {
    const TestFolder folder;
    writePets(folder);
    const DataSource source = openImageFolder(folder.path(), allForTraining()).value();
    QCOMPARE(source.train.classNames(), (std::vector<std::string>{"cat", "dog"}));
    QVERIFY(source.train.shape() == (ImageShape{2, 3, 1}));
    QCOMPARE(source.train.classCounts(), (std::vector<std::int64_t>{2, 3}));
    for (std::int64_t i = 0; i < 5; ++i) {
        QCOMPARE(source.train.sample(i)[0], static_cast<std::uint8_t>(i + 1));
    }
    QVERIFY(source.notes.empty());
    QCOMPARE(source.testOrigin, TestOrigin::None);
}

void TestImageFolder::ignoresOtherFilesAndHiddenFolders() {
    const TestFolder folder;
    writePets(folder);
    folder.write("readme.txt", bytes("hello"));
    folder.write("cat/notes.txt", bytes("hello"));
    folder.write("cat/.hidden.pgm", bytes("hello"));
    folder.write(".git/x.pgm", bytes("hello"));
    const DataSource source = openImageFolder(folder.path(), allForTraining()).value();
    QCOMPARE(source.train.size(), 5);
    QCOMPARE(source.train.classCount(), 2);
    QVERIFY(source.notes.empty());
}

void TestImageFolder::makesTheMostCommonSize() {
    const TestFolder folder;
    writePets(folder);
    folder.write("cat/3.pgm", grey(20, 10, 77));
    const DataSource source = openImageFolder(folder.path(), allForTraining()).value();
    QVERIFY(source.train.shape() == (ImageShape{2, 3, 1}));
    QCOMPARE(source.train.sample(2)[5], std::uint8_t{77});
    QCOMPARE(source.notes.size(), std::size_t{1});
    QVERIFY(source.notes[0].find("2 different shapes; all were made 2×3 grey") !=
            std::string::npos);
}

void TestImageFolder::makesTheRequestedSize() {
    const TestFolder folder;
    writePets(folder);
    DataOptions options = allForTraining();
    options.imageShape = ImageShape{8, 8, 3};
    const DataSource source = openImageFolder(folder.path(), options).value();
    QVERIFY(source.train.shape() == (ImageShape{8, 8, 3}));
    QVERIFY(source.notes.at(0).find("images are 2×3 grey; all were made 8×8 RGB") !=
            std::string::npos);
}

void TestImageFolder::isRgbWhenOneImageIs() {
    const TestFolder folder;
    writePets(folder);
    folder.write("dog/d.ppm", pnm({2, 3, 3}, counting(18)));
    const DataSource source = openImageFolder(folder.path(), allForTraining()).value();
    QVERIFY(source.train.shape() == (ImageShape{2, 3, 3}));
    QVERIFY(source.train.image(0) == (Image{{2, 3, 3}, Bytes(18, 1)}));
    QVERIFY(source.train.image(5) == (Image{{2, 3, 3}, counting(18)}));
}

void TestImageFolder::holdsOutATestSet() {
    const TestFolder folder;
    for (int i = 0; i < 20; ++i) {
        const std::string name = std::to_string(i) + ".pgm";
        folder.write("a/" + name, grey(2, 2, 1));
        folder.write("b/" + name, grey(2, 2, 2));
    }
    DataOptions options = allForTraining();
    options.heldOutFraction = 0.25;
    const DataSource source = openImageFolder(folder.path(), options).value();
    QCOMPARE(source.testOrigin, TestOrigin::HeldOut);
    QCOMPARE(source.train.classCounts(), (std::vector<std::int64_t>{15, 15}));
    QCOMPARE(source.test->classCounts(), (std::vector<std::int64_t>{5, 5}));
    QVERIFY(source.notes.at(0).find("10 of 40 images") != std::string::npos);
}

void TestImageFolder::takesTrainAndTestFolders() {
    const TestFolder folder;
    writePets(folder, "train/");
    folder.write("test/dog/x.pgm", grey(4, 6, 9));
    folder.write("test/cat/x.pgm", grey(2, 3, 8));
    const DataSource source = openImageFolder(folder.path(), allForTraining()).value();
    QCOMPARE(source.testOrigin, TestOrigin::Given);
    QCOMPARE(source.train.size(), 5);
    QCOMPARE(source.test->classCounts(), (std::vector<std::int64_t>{1, 1}));
    QVERIFY(source.test->shape() == (ImageShape{2, 3, 1}));
    QCOMPARE(source.test->labelName(1), std::string("dog"));
    QCOMPARE(source.test->sample(1)[0], std::uint8_t{9});
}

void TestImageFolder::rejectsTestClassWithoutTraining() {
    const TestFolder folder;
    writePets(folder, "train/");
    folder.write("test/cat/x.pgm", grey(2, 3, 8));
    folder.write("test/cow/x.pgm", grey(2, 3, 8));
    QVERIFY(messageFor(folder.path()).contains("class cow has no folder among the training"));
}

void TestImageFolder::leavesOutUnreadableFilesAndSaysSo() {
    const TestFolder folder;
    writePets(folder);
    // A PNG that is not one, a picture cut off, and three more.
    folder.write("cat/fake.png", bytes("this is no PNG"));
    folder.write("cat/cut.pgm", bytes("P5\n3 2\n255\nab"));
    for (const char* name : {"dog/x.jpg", "dog/y.jpg", "dog/z.jpg"}) {
        folder.write(name, {});
    }
    const DataSource source = openImageFolder(folder.path(), allForTraining()).value();
    QCOMPARE(source.train.size(), 5);
    const QString note = QString::fromStdString(source.notes.at(0));
    QVERIFY2(note.contains("5 files were left out") && note.contains("cat/fake.png") &&
                 note.contains("And 2 more."),
             qPrintable(note));
}

void TestImageFolder::rejectsClassWithOnlyUnreadableFiles() {
    const TestFolder folder;
    writePets(folder);
    folder.write("eel/fake.png", bytes("this is no PNG"));
    const QString message = messageFor(folder.path());
    QVERIFY2(message.contains("eel: no image of this class could be read") &&
                 message.contains("fake.png, byte 0"),
             qPrintable(message));
}

void TestImageFolder::rejectsOneClass() {
    const TestFolder folder;
    folder.write("cat/1.pgm", grey(2, 3, 1));
    const QString message = messageFor(folder.path());
    QVERIFY2(message.contains("it has only one, cat"), qPrintable(message));
}

void TestImageFolder::rejectsEmptyFolder() {
    const TestFolder folder;
    QVERIFY(messageFor(folder.path()).contains("it has no folders"));
}

void TestImageFolder::rejectsClassWithoutImages() {
    const TestFolder folder;
    writePets(folder);
    folder.write("eel/readme.txt", bytes("later"));
    QVERIFY(messageFor(folder.path()).contains("eel: this class has no images"));
}

void TestImageFolder::rejectsMissingFolder() {
    const TestFolder folder;
    QVERIFY(messageFor(folder.path() / "none").contains("cannot be read: No such file"));
}

void TestImageFolder::rejectsUnreadableFolder() {
    const TestFolder folder;
    writePets(folder);
    fs::permissions(folder.path(), fs::perms::owner_all | fs::perms::others_exec);
    const fs::path locked = folder.path() / "cat";
    fs::permissions(locked, fs::perms::none);
    fs::permissions(folder.path(), fs::perms::all);
    QString message;
    {
        const OrdinaryUser user;
        message = messageFor(folder.path());
    }
    fs::permissions(locked, fs::perms::owner_all);
    QVERIFY2(message.contains("cat cannot be read: Permission denied"), qPrintable(message));
}

void TestImageFolder::rejectsWhatExceedsTheBudget() {
    const TestFolder folder;
    writePets(folder);
    DataOptions options = allForTraining();
    options.memoryBudget = 30;
    QVERIFY(messageFor(folder.path(), options).isEmpty());
    options.memoryBudget = 29;
    const auto source = openImageFolder(folder.path(), options);
    QVERIFY(!source.has_value());
    QCOMPARE(source.error().code, ErrorCode::TooLarge);
}

void TestImageFolder::rejectsHugePictureByItsHeader() {
    const TestFolder folder;
    writePets(folder);
    folder.write("dog/huge.pgm", bytes("P5\n100000 100000\n255\n"));
    const DataSource source = openImageFolder(folder.path(), allForTraining()).value();
    QCOMPARE(source.train.size(), 5);
    QVERIFY(source.notes.at(0).find("100000×100000") != std::string::npos);
}

void TestImageFolder::rejectsImpossibleRequestedShape() {
    const TestFolder folder;
    writePets(folder);
    for (const ImageShape shape : {ImageShape{0, 8, 1}, {8, 8, 2}, {8, -1, 3}}) {
        DataOptions options = allForTraining();
        options.imageShape = shape;
        QVERIFY(messageFor(folder.path(), options).contains("cannot be made"));
    }
}

void TestImageFolder::needsADecoder() {
    const TestFolder folder;
    writePets(folder);
    QVERIFY(messageFor(folder.path(), {}).contains("no image decoder"));
}

void TestImageFolder::stopsWhenAsked() {
    const TestFolder folder;
    writePets(folder);
    std::stop_source stop;
    DataOptions options = allForTraining();
    options.stop = stop.get_token();
    options.progress = [&](std::int64_t, std::int64_t) { stop.request_stop(); };
    const auto source = openImageFolder(folder.path(), options);
    QVERIFY(!source.has_value());
    QCOMPARE(source.error().code, ErrorCode::Cancelled);
}

void TestImageFolder::reportsProgress() {
    const TestFolder folder;
    for (int i = 0; i < 100; ++i) {
        folder.write((i % 2 == 0 ? "a/" : "b/") + std::to_string(i) + ".pgm", grey(1, 1, 1));
    }
    std::vector<std::int64_t> seen;
    DataOptions options = allForTraining();
    options.progress = [&](std::int64_t done, std::int64_t total) {
        QCOMPARE(total, 100);
        seen.push_back(done);
    };
    QVERIFY(openImageFolder(folder.path(), options).has_value());
    QVERIFY(seen.size() >= 3 && seen.front() == 0 && seen.back() <= 100);
    QVERIFY(std::ranges::is_sorted(seen));
}

void TestImageFolder::ignoresLinksThatLeaveTheFolder() {
    const TestFolder outside;
    const fs::path secret = outside.write("secret.pgm", grey(2, 3, 200));
    const TestFolder folder;
    writePets(folder);
    fs::create_symlink(secret, folder.path() / "cat" / "link.pgm");
    fs::create_symlink("1.pgm", folder.path() / "cat" / "same.pgm");
    const DataSource source = openImageFolder(folder.path(), allForTraining()).value();
    QCOMPARE(source.train.classCounts(), (std::vector<std::int64_t>{3, 3}));
    QCOMPARE(source.train.sample(2)[0], std::uint8_t{1});
}

QTEST_APPLESS_MAIN(TestImageFolder)
#include "tst_image_folder.moc"
