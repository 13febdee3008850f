#include "nn/data/embedded.h"

#include <QFile>
#include <QTest>
#include <algorithm>

using nn::data::embeddedFile;
using nn::data::embeddedFileNames;

class EmbeddedTest : public QObject {
    Q_OBJECT

private slots:
    void namesAreSorted();
    void unknownNameIsEmpty();
    void bytesAreThoseOfTheSourceFiles();
};

void EmbeddedTest::namesAreSorted() {
    QVERIFY(std::ranges::is_sorted(embeddedFileNames()));
}

void EmbeddedTest::unknownNameIsEmpty() {
    QVERIFY(embeddedFile("no-such-file.gz").empty());
}

void EmbeddedTest::bytesAreThoseOfTheSourceFiles() {
    const QString folder = qEnvironmentVariable("RECEPTIVE_SOURCE_DIR") + "/resources/data/";
    for (const std::string_view name : embeddedFileNames()) {
        QFile file(folder + QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())));
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
        const QByteArray expected = file.readAll();
        const auto bytes = embeddedFile(name);
        QCOMPARE(QByteArray(reinterpret_cast<const char*>(bytes.data()),
                            static_cast<qsizetype>(bytes.size())),
                 expected);
    }
}

QTEST_APPLESS_MAIN(EmbeddedTest)
#include "tst_embedded.moc"
