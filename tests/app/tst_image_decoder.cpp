#include "app/image_decoder.h"

#include <QDataStream>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

/// Picture files as the engine gets them.
class ImageDecoderTest : public QObject {
    Q_OBJECT

private slots:
    void greyAndColourKeepTheirChannels();
    void transparencyLiesOnBlack();
    void textThatClaimsToBePngIsRefusedWithItsPath();
    void missingFileIsAnIoError();
    void truncatedPictureIsRefused();
    void hugePictureIsRefusedBeforeDecoding();
    void picturesSurviveTheWayThereAndBack();

private:
    [[nodiscard]] std::string saved(const QImage& picture, const QString& name) const {
        const QString path = m_folder.filePath(name);
        return picture.save(path) ? path.toStdString() : std::string();
    }

    QTemporaryDir m_folder;
};

void ImageDecoderTest::greyAndColourKeepTheirChannels() {
    QImage grey(7, 5, QImage::Format_Grayscale8);
    grey.fill(90);
    const auto greyImage = app::imageDecoder().decode(saved(grey, "grey.png"));
    QVERIFY(greyImage);
    QCOMPARE(greyImage->shape, (nn::data::ImageShape{5, 7, 1}));
    QCOMPARE(greyImage->pixels.front(), std::uint8_t{90});

    QImage colour(7, 5, QImage::Format_RGB32);
    colour.fill(QColor(200, 100, 50));
    const std::string path = saved(colour, "colour.png");
    const auto colourImage = app::imageDecoder().decode(path);
    QVERIFY(colourImage);
    QCOMPARE(colourImage->shape, (nn::data::ImageShape{5, 7, 3}));
    QCOMPARE(colourImage->pixels[1], std::uint8_t{100});
    const auto shape = app::imageDecoder().probe(path);
    QVERIFY(shape);
    QCOMPARE(*shape, colourImage->shape);
}

void ImageDecoderTest::transparencyLiesOnBlack() {
    QImage clear(4, 4, QImage::Format_ARGB32);
    clear.fill(QColor(255, 255, 255, 0));
    const auto image = app::imageDecoder().decode(saved(clear, "clear.png"));
    QVERIFY(image);
    QCOMPARE(image->pixels.front(), std::uint8_t{0});
}

void ImageDecoderTest::textThatClaimsToBePngIsRefusedWithItsPath() {
    QFile file(m_folder.filePath("fake.png"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("this is no picture");
    file.close();
    const auto image = app::imageDecoder().decode(file.fileName().toStdString());
    QVERIFY(!image);
    QCOMPARE(image.error().code, nn::ErrorCode::InvalidFile);
    QVERIFY(QString::fromStdString(image.error().message).contains("fake.png"));
    QVERIFY(!app::imageDecoder().probe(file.fileName().toStdString()));
}

void ImageDecoderTest::missingFileIsAnIoError() {
    const auto image = app::imageDecoder().decode(m_folder.filePath("none.png").toStdString());
    QVERIFY(!image);
    QCOMPARE(image.error().code, nn::ErrorCode::Io);
}

void ImageDecoderTest::truncatedPictureIsRefused() {
    QImage picture(64, 64, QImage::Format_RGB32);
    picture.fill(Qt::red);
    const QString path = QString::fromStdString(saved(picture, "cut.png"));
    QFile file(path);
    QVERIFY(file.resize(file.size() / 2));
    const auto image = app::imageDecoder().decode(path.toStdString());
    QVERIFY(!image);
    QVERIFY(QString::fromStdString(image.error().message).contains("cut.png"));
}

void ImageDecoderTest::hugePictureIsRefusedBeforeDecoding() {
    // The header of a bitmap with 24 bits a pixel; no pixel of it exists.
    QFile file(m_folder.filePath("huge.bmp"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("BM");
    QDataStream header(&file);
    header.setByteOrder(QDataStream::LittleEndian);
    header << qint32(54) << qint32(0) << qint32(54) << qint32(40) << qint32(12'000)
           << qint32(12'000) << qint16(1) << qint16(24);
    for (int i = 0; i < 6; ++i) {
        header << qint32(0);
    }
    file.close();
    const auto image = app::imageDecoder().decode(file.fileName().toStdString());
    QVERIFY(!image);
    QCOMPARE(image.error().code, nn::ErrorCode::TooLarge);
    QVERIFY(QString::fromStdString(image.error().message).contains("12000"));
}

void ImageDecoderTest::picturesSurviveTheWayThereAndBack() {
    QImage picture(13, 9, QImage::Format_RGB888);
    for (int y = 0; y < picture.height(); ++y) {
        for (int x = 0; x < picture.width(); ++x) {
            picture.setPixelColor(x, y, QColor(x * 10, y * 20, 128));
        }
    }
    QCOMPARE(app::toQImage(app::toImage(picture)), picture);
}

QTEST_GUILESS_MAIN(ImageDecoderTest)
#include "tst_image_decoder.moc"
