#include "tests/support/app/window_fixture.h"

#include "nn/model/summary.h"

#include <QFile>
#include <QTest>

using tests::WindowFixture;

namespace {

/// The width the tables of the oracle were printed with.
constexpr int kLineLength = 80;

} // namespace

/// Each network of the seed text, built from an empty canvas by hand: layers dragged from the
/// palette and dropped, arguments typed. The table must be Keras' own.
class SeedNetworksTest : public QObject {
    Q_OBJECT

private slots:
    void first();
    void second();
    void third();

private:
    static void compareTable(WindowFixture& fixture, const QString& name);
};

void SeedNetworksTest::compareTable(WindowFixture& fixture, const QString& name) {
    QFile file(qEnvironmentVariable("RECEPTIVE_TEST_DATA") + "/keras/summary/" + name + ".txt");
    QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
    const app::Document& document = fixture.session->document;
    nn::SummaryTextOptions options;
    options.lineLength = kLineLength;
    const QString table = QString::fromStdString(
        nn::summaryText(nn::summaryOf(document.graph(), document.inference()), options));
    QCOMPARE(table.trimmed(), QString::fromUtf8(file.readAll()).trimmed());
}

void SeedNetworksTest::first() {
    WindowFixture fixture;
    fixture.dropLayer("InputLayer");
    fixture.type("shape", "28, 28, 1");
    fixture.dropLayer("Conv2D");
    fixture.type("filters", "32");
    fixture.type("kernel_size", "3");
    fixture.type("activation", "relu");
    fixture.dropLayer("MaxPooling2D");
    fixture.type("pool_size", "2");
    fixture.dropLayer("Flatten");
    fixture.dropLayer("Dense");
    fixture.type("units", "10");
    fixture.type("activation", "softmax");
    compareTable(fixture, "seed_a");
}

void SeedNetworksTest::second() {
    WindowFixture fixture;
    fixture.dropLayer("InputLayer");
    fixture.type("shape", "64, 64, 3");
    fixture.dropLayer("Conv2D");
    fixture.type("filters", "64");
    fixture.type("kernel_size", "5");
    fixture.type("strides", "2");
    fixture.type("padding", "same");
    fixture.type("activation", "relu");
    fixture.dropLayer("Conv2D");
    fixture.type("filters", "128");
    fixture.type("kernel_size", "3");
    fixture.type("activation", "relu");
    fixture.dropLayer("Flatten");
    fixture.dropLayer("Dense");
    fixture.type("units", "1000");
    fixture.type("activation", "softmax");
    compareTable(fixture, "seed_b");
}

void SeedNetworksTest::third() {
    WindowFixture fixture;
    const auto dropConvolution = [&fixture](const QString& filters) {
        fixture.dropLayer("Conv2D");
        fixture.type("filters", filters);
        fixture.type("kernel_size", "3");
        fixture.type("activation", "relu");
    };
    fixture.dropLayer("InputLayer");
    fixture.type("shape", "256, 256, 3");
    dropConvolution("32");
    dropConvolution("64");
    fixture.dropLayer("MaxPooling2D");
    dropConvolution("128");
    dropConvolution("256");
    fixture.dropLayer("MaxPooling2D");
    fixture.dropLayer("Flatten");
    fixture.dropLayer("Dense");
    fixture.type("units", "1024");
    fixture.type("activation", "relu");
    fixture.dropLayer("Dropout");
    fixture.type("rate", "0.5");
    fixture.dropLayer("Dense");
    fixture.type("units", "10");
    fixture.type("activation", "softmax");
    compareTable(fixture, "seed_c");
}

QTEST_MAIN(SeedNetworksTest)
#include "tst_seed_networks.moc"
