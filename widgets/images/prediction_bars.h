#pragma once

#include "widgets/theme.h"

#include <QStringList>
#include <QWidget>
#include <span>
#include <vector>

namespace widgets {

/// Class probabilities of one sample as horizontal bars, the most likely first; the true class
/// carries a mark.
class PredictionBars : public QWidget {
    Q_OBJECT

public:
    explicit PredictionBars(QWidget* parent = nullptr);

    /// `trueClass` is -1 when unknown (a dropped or drawn image).
    void setPrediction(const QStringList& names, std::span<const float> probabilities,
                       int trueClass = -1);
    void clear(const QString& reason = {});
    void setMaximumBars(int count);
    void setTheme(const Theme& theme);

    /// Classes in the order shown.
    [[nodiscard]] std::vector<int> shownClasses() const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Bar {
        int classIndex = 0;
        QString name;
        float probability = 0.0F;
    };

    void paintBar(QPainter& painter, const Bar& bar, const QRect& row) const;
    [[nodiscard]] int rowHeight() const;

    std::vector<Bar> m_bars;
    int m_trueClass = -1;
    int m_maximumBars = 10;
    QString m_emptyText;
    Theme m_theme;
};

} // namespace widgets
