#pragma once

#include <QLayout>
#include <array>
#include <vector>

namespace widgets {

/// The rows of a form: name, editor and reset button beside each other where there is room, the
/// name above its editor where there is not. Never wider than it must be; its height follows its
/// width.
class ParamLayout : public QLayout {
    Q_OBJECT

public:
    /// The parts of a row; `details` and `message` stand beneath it.
    struct Row {
        QWidget* label = nullptr;
        QWidget* editor = nullptr;
        QWidget* reset = nullptr;
        QWidget* details = nullptr; ///< May be missing.
        QWidget* message = nullptr;
    };

    explicit ParamLayout(QWidget* form);
    ~ParamLayout() override;

    void addRow(const Row& row);
    /// Whether names stand beside their editors at this width.
    [[nodiscard]] bool isBeside(int width) const;

    void addItem(QLayoutItem* item) override;
    [[nodiscard]] int count() const override;
    [[nodiscard]] QLayoutItem* itemAt(int index) const override;
    QLayoutItem* takeAt(int index) override;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSize() const override;
    [[nodiscard]] Qt::Orientations expandingDirections() const override { return Qt::Horizontal; }
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;
    void setGeometry(const QRect& rect) override;
    void invalidate() override;

private:
    enum Part { Label, Editor, Reset, Details, Message, kParts };
    using Items = std::array<QLayoutItem*, kParts>;
    /// How a width is shared out.
    struct Columns {
        bool isBeside = true;
        int label = 0; ///< Width of the column of names.
        int reset = 0;
    };

    [[nodiscard]] Columns columnsFor(int width) const;
    [[nodiscard]] int resetWidth() const;
    /// Places everything into `rect` when `isMeant`; returns the height it takes.
    int arrange(const QRect& rect, bool isMeant) const;
    int arrangeRow(const Items& row, const Columns& columns, const QRect& rect, bool isMeant) const;
    int arrangeBeside(const Items& row, const Columns& columns, const QRect& rect,
                      bool isMeant) const;
    int arrangeStacked(const Items& row, const Columns& columns, const QRect& rect,
                       bool isMeant) const;

    std::vector<Items> m_rows;
    mutable int m_cachedWidth = -1;
    mutable int m_cachedHeight = 0;
};

} // namespace widgets
