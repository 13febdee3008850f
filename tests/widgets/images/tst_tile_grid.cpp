#include "widgets/images/sample_grid.h"
#include "widgets/images/tile_grid.h"

#include <QApplication>
#include <QClipboard>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace widgets;

namespace {

std::vector<QImage> tilesOf(int count, QSize size) {
    std::vector<QImage> tiles;
    for (int i = 0; i < count; ++i) {
        QImage image(size, QImage::Format_RGB32);
        image.fill(QColor::fromHsv(i * 7 % 360, 200, 200));
        tiles.push_back(image);
    }
    return tiles;
}

void show(TileGrid& grid, QSize size) {
    grid.resize(size);
    grid.show();
    QVERIFY(QTest::qWaitForWindowExposed(&grid));
}

} // namespace

class TestTileGrid : public QObject {
    Q_OBJECT

private slots:
    void growsByWholeFactors() {
        TileGrid grid;
        grid.setTiles(tilesOf(32, {26, 26}));
        show(grid, {500, 400});
        QVERIFY(grid.tileScale() >= 2.0);
        QCOMPARE(grid.tileScale(), std::floor(grid.tileScale()));
        QCOMPARE(grid.tileRect(0).width(), 26 * static_cast<int>(grid.tileScale()));
    }

    void shrinksPicturesThatAreTooLarge() {
        TileGrid grid;
        grid.setTiles(tilesOf(64, {224, 224}));
        show(grid, {500, 400});
        QVERIFY(grid.tileScale() < 1.0);
        QVERIFY(grid.columns() >= 4);
    }

    void showsAllWhenThereIsRoom() {
        TileGrid grid;
        grid.setTiles(tilesOf(4, {3, 3}));
        show(grid, {500, 400});
        QCOMPARE(grid.verticalScrollBar()->maximum(), 0);
        QVERIFY(grid.viewport()->rect().contains(grid.tileRect(3)));
    }

    void scrollsThroughThousands() {
        TileGrid grid;
        grid.setTiles(tilesOf(4096, {7, 7}));
        show(grid, {400, 300});
        QVERIFY(grid.verticalScrollBar()->maximum() > 0);
        grid.setCurrentTile(4095);
        QVERIFY(grid.viewport()->rect().contains(grid.tileRect(4095)));
        QCOMPARE(grid.tileAt(grid.tileRect(4095).center()), 4095);
    }

    void pixelsStaySharp() {
        TileGrid grid;
        QImage image(2, 1, QImage::Format_RGB32);
        image.setPixel(0, 0, qRgb(0, 0, 0));
        image.setPixel(1, 0, qRgb(255, 255, 255));
        grid.setTiles({image});
        show(grid, {300, 200});
        const QImage picture = grid.viewport()->grab().toImage();
        const QRect rect = grid.tileRect(0);
        QCOMPARE(picture.pixel(rect.center().x() - 1, rect.center().y()), qRgb(0, 0, 0));
        QCOMPARE(picture.pixel(rect.center().x() + 2, rect.center().y()), qRgb(255, 255, 255));
    }

    void liveUpdateKeepsPlaceAndCurrentTile() {
        TileGrid grid;
        grid.setTiles(tilesOf(500, {5, 5}));
        show(grid, {300, 200});
        grid.setCurrentTile(400);
        const int place = grid.verticalScrollBar()->value();
        grid.setTiles(tilesOf(500, {5, 5}));
        QCOMPARE(grid.currentTile(), 400);
        QCOMPARE(grid.verticalScrollBar()->value(), place);
        grid.setTiles(tilesOf(3, {5, 5}));
        QCOMPARE(grid.currentTile(), 2);
    }

    void keysMoveAndActivate() {
        TileGrid grid;
        grid.setTiles(tilesOf(40, {10, 10}));
        show(grid, {400, 300});
        const QSignalSpy activated(&grid, &TileGrid::tileActivated);
        grid.setCurrentTile(0);
        QTest::keyClick(&grid, Qt::Key_Right);
        QCOMPARE(grid.currentTile(), 1);
        QTest::keyClick(&grid, Qt::Key_Down);
        QCOMPARE(grid.currentTile(), 1 + grid.columns());
        QTest::keyClick(&grid, Qt::Key_Up);
        QTest::keyClick(&grid, Qt::Key_Left);
        QCOMPARE(grid.currentTile(), 0);
        QTest::keyClick(&grid, Qt::Key_Left);
        QCOMPARE(grid.currentTile(), 0);
        QTest::keyClick(&grid, Qt::Key_End);
        QCOMPARE(grid.currentTile(), 39);
        QTest::keyClick(&grid, Qt::Key_Return);
        QCOMPARE(activated.count(), 1);
        QCOMPARE(activated.first().first().toInt(), 39);
    }

    void mouseHoversAndSelects() {
        TileGrid grid;
        grid.setTiles(tilesOf(12, {10, 10}));
        show(grid, {400, 300});
        const QSignalSpy hovered(&grid, &TileGrid::tileHovered);
        QTest::mouseMove(grid.viewport(), grid.tileRect(3).center());
        QTRY_COMPARE(hovered.count(), 1);
        QCOMPARE(hovered.first().first().toInt(), 3);
        QTest::mouseClick(grid.viewport(), Qt::LeftButton, {}, grid.tileRect(5).center());
        QCOMPARE(grid.currentTile(), 5);
        QCOMPARE(grid.tileAt({1, 1}), -1);
    }

    void copiesTheCurrentTile() {
        TileGrid grid;
        grid.setTiles(tilesOf(3, {9, 4}));
        show(grid, {300, 200});
        grid.setCurrentTile(2);
        QTest::keyClick(&grid, Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QApplication::clipboard()->image().size(), QSize(9, 4));
    }

    void tellsTheScreenReaderWhatIsCurrent() {
        TileGrid grid;
        grid.setEmptyText(QStringLiteral("nothing yet"));
        QCOMPARE(grid.accessibleDescription(), QStringLiteral("nothing yet"));
        grid.setTipProvider([](int i) { return QStringLiteral("channel %1").arg(i); });
        grid.setTiles(tilesOf(5, {4, 4}));
        grid.setCurrentTile(3);
        QCOMPARE(grid.accessibleDescription(), QStringLiteral("4 of 5: channel 3"));
    }

    void sheetHoldsAllTiles() {
        TileGrid grid;
        grid.setTiles(tilesOf(10, {8, 8}));
        show(grid, {300, 200});
        const QImage sheet = grid.sheet();
        const int side = grid.tileRect(0).width();
        QVERIFY(sheet.width() >= grid.columns() * side);
        QVERIFY(sheet.height() >= (10 + grid.columns() - 1) / grid.columns() * side);
    }

    void samplesAreActivatedByTheirNumber() {
        SampleGrid grid;
        std::vector<Sample> samples;
        for (int i = 0; i < 4; ++i) {
            samples.push_back(
                {QImage(8, 8, QImage::Format_RGB32), QStringLiteral("class"), 100 + i});
        }
        grid.setSamples(samples);
        show(grid, {400, 300});
        const QSignalSpy activated(&grid, &SampleGrid::sampleActivated);
        grid.setCurrentTile(2);
        QTest::keyClick(&grid, Qt::Key_Return);
        QCOMPARE(activated.count(), 1);
        QCOMPARE(activated.first().first().toLongLong(), 102);
    }
};

QTEST_MAIN(TestTileGrid)
#include "tst_tile_grid.moc"
