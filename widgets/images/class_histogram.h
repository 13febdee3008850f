#pragma once

#include "widgets/theme.h"

#include <QWidget>
#include <vector>

namespace widgets {

/// How many samples of one class each part of a data set holds.
struct ClassCount {
    QString name;
    qint64 train = 0;
    qint64 validation = 0;

    bool operator==(const ClassCount&) const = default;
};

/// A bar for each class: training and validation counts with names and numbers.
class ClassHistogram : public QWidget {
    Q_OBJECT

public:
    explicit ClassHistogram(QWidget* parent = nullptr);

    void setCounts(std::vector<ClassCount> counts);
    void clear(const QString& reason = {});
    void setTheme(const Theme& theme);
    [[nodiscard]] const std::vector<ClassCount>& counts() const { return m_counts; }

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

signals:
    /// A click on a class, or Enter on the current one.
    void classActivated(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void paintRow(QPainter& painter, int index) const;
    void paintLegend(QPainter& painter) const;
    [[nodiscard]] QRect rowRect(int index) const;
    [[nodiscard]] int rowAt(QPoint position) const;
    [[nodiscard]] bool hasValidation() const;
    void updateAccessibleText();

    std::vector<ClassCount> m_counts;
    QString m_emptyText;
    int m_current = -1;
    int m_hovered = -1;
    Theme m_theme;
};

} // namespace widgets
