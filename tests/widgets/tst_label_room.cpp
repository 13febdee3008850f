#include "widgets/label_room.h"

#include "widgets/vertical_scroll_area.h"

#include <QLabel>
#include <QTest>
#include <QVBoxLayout>

using widgets::LabelRoom;
using widgets::VerticalScrollArea;

namespace {

/// A page with one part, which counts how often it is laid out anew.
class Page : public QWidget {
public:
    void show(QWidget* part) {
        auto* column = new QVBoxLayout(this);
        column->addWidget(part);
        column->addStretch(1);
        resize(300, 200);
        QWidget::show();
        QApplication::sendPostedEvents();
        m_layouts = 0;
    }
    /// Since the last time.
    [[nodiscard]] int layouts() {
        for (int i = 0; i < 4; ++i) {
            QApplication::sendPostedEvents();
        }
        return std::exchange(m_layouts, 0);
    }

protected:
    bool event(QEvent* event) override {
        m_layouts += event->type() == QEvent::LayoutRequest ? 1 : 0;
        return QWidget::event(event);
    }

private:
    int m_layouts = 0;
};

} // namespace

/// Texts that change often do not lay a page out anew.
class LabelRoomTest : public QObject {
    Q_OBJECT

private slots:
    void aLabelAloneLaysThePageOut() {
        auto* label = new QLabel("1,000 weights");
        Page page;
        page.show(label);
        label->setText("2,000 weights");
        QVERIFY(page.layouts() > 0);
    }

    void figuresDoNotButLongerTextsDo() {
        auto* label = new QLabel("1,000 weights");
        Page page;
        page.show(new LabelRoom(label));
        label->setText("2,000 weights");
        QCOMPARE(page.layouts(), 0);
        label->setText("999 weights");
        QCOMPARE(page.layouts(), 0);
        label->setText("1,000,000,000 weights");
        QVERIFY(page.layouts() > 0);
        QVERIFY(label->width() >= label->sizeHint().width());
        label->setText("0");
        QVERIFY(page.layouts() > 0); // far less room is given back
    }

    void wrappedTextIsAsHighAsItHasToBe() {
        auto* label = new QLabel("one line");
        label->setWordWrap(true);
        Page page;
        page.show(new LabelRoom(label));
        label->setText("a line more");
        QCOMPARE(page.layouts(), 0);
        label->setText(QString("many words ").repeated(20));
        QVERIFY(page.layouts() > 0);
        QVERIFY(label->height() >= label->heightForWidth(label->width()));
        page.resize(150, 200);
        QVERIFY(page.layouts() > 0);
        QVERIFY(label->height() >= label->heightForWidth(label->width()));
    }

    void whatScrollsIsLaidOutByItself() {
        auto* content = new QWidget;
        auto* column = new QVBoxLayout(content);
        auto* label = new QLabel("1,000");
        auto* wide = new QLabel("wide");
        column->addWidget(label);
        column->addWidget(wide);
        auto* area = new VerticalScrollArea;
        area->setContent(content);
        Page page;
        page.show(area);
        label->setText("2,000");
        QCOMPARE(page.layouts(), 0);
        wide->setText("much wider than before, so that the page has to be wider");
        QVERIFY(page.layouts() > 0);
    }
};

QTEST_MAIN(LabelRoomTest)
#include "tst_label_room.moc"
