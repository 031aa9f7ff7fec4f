// When the node's reset line is pulled: the whole decision, without a pin or a clock of its own, so that it can be tested anywhere.
#pragma once
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct Settings {
  uint32_t silence = 180000;  // ms without a heartbeat before a reset
  uint32_t grace = 600000;    // ms after power-up and after a reset in which silence is normal: the node starts
  uint32_t pulse = 500;       // ms that the line is pulled
  uint32_t debounce = 50;     // ms that the button must hold still
  uint8_t resets = 3;         // in a row without one heartbeat between them; then it gives up: resets do not help
};

// A span of time. Differences of unsigned numbers survive the overflow of millis() after 49.7 days; a span that is over stays
// over, however long nobody looks.
class Span {
 public:
  void start(uint32_t now, uint32_t length) { since_ = now, length_ = length, running_ = true; }
  void end() { running_ = false; }
  void tick(uint32_t now) {
    if (running_ && now - since_ >= length_) running_ = false;
  }
  bool running() const { return running_; }
  uint32_t left(uint32_t now) const { return running_ && now - since_ < length_ ? length_ - (now - since_) : 0; }

 private:
  uint32_t since_ = 0, length_ = 0;
  bool running_ = false;
};

// Lines out of single characters. What is too long is none: noise never becomes a heartbeat.
class LineReader {
 public:
  // The line that ends with this character, or null.
  const char *take(char c) {
    if (c == '\r') return nullptr;
    if (c != '\n') {
      if (size_ < sizeof text_ - 1) text_[size_++] = c;
      else tooLong_ = true;
      return nullptr;
    }
    text_[size_] = 0;
    bool sound = !tooLong_;
    size_ = 0, tooLong_ = false;
    return sound ? text_ : nullptr;
  }

 private:
  char text_[48];
  uint8_t size_ = 0;
  bool tooLong_ = false;
};

class Heartbeat {
 public:
  Heartbeat(const Settings &settings, bool armed) : settings_(settings), armed_(armed) {}

  void begin(uint32_t now) {
    patience_.start(now, settings_.silence);
    grace_.start(now, settings_.grace);
  }

  // `orion-heartbeat NUMBER`, `orion-rest` (until the next heartbeat), `orion-rest SECONDS`. True where the line was for us.
  bool hear(const char *line, uint32_t now) {
    uint32_t number;
    if (isNumber(after(line, "orion-heartbeat "), &number)) {
      patience_.start(now, settings_.silence);
      resting_ = false;
      resets_ = 0;
      return true;
    }
    if (strcmp(line, "orion-rest") == 0) return resting_ = true;
    if (!isNumber(after(line, "orion-rest "), &number) || number < 1 || number > 3600) return false;
    resting_ = false;
    grace_.start(now, number * 1000);
    return true;
  }

  // The button's level as it is now. True where it armed or disarmed.
  bool press(bool pressed, uint32_t now) {
    if (pressed != level_) level_ = pressed, still_.start(now, settings_.debounce);
    still_.tick(now);
    if (still_.running() || level_ == pressed_) return false;
    pressed_ = level_;
    if (!pressed_) return false;
    armed_ = !armed_;
    pulse_.end();
    resets_ = 0;
    patience_.start(now, settings_.silence);
    return true;
  }

  void tick(uint32_t now) {
    bool pulled = pulling();
    patience_.tick(now);
    grace_.tick(now);
    pulse_.tick(now);
    if (pulled && !pulling()) grace_.start(now, settings_.grace);
    if (pulled || !armed_ || resting_ || gaveUp() || grace_.running() || patience_.running()) return;
    resets_++;
    pulse_.start(now, settings_.pulse);
  }

  bool pulling() const { return pulse_.running(); }
  bool armed() const { return armed_; }
  bool gaveUp() const { return resets_ >= settings_.resets; }

  // Seconds until the line would be pulled if nothing more were heard.
  uint32_t left(uint32_t now) const {
    uint32_t patience = patience_.left(now), grace = grace_.left(now);
    return ((patience > grace ? patience : grace) + 999) / 1000;
  }

  // Off: disarmed. On: heartbeats come. Slow: none, or not yet. Fast: it gave up.
  bool light(uint32_t now) const {
    if (!armed_) return false;
    if (gaveUp()) return now / 125 % 2 == 0;
    return patience_.running() && !grace_.running() ? true : now / 1000 % 2 == 0;
  }

 private:
  static const char *after(const char *line, const char *start) {
    size_t length = strlen(start);
    return strncmp(line, start, length) == 0 ? line + length : nullptr;
  }
  static bool isNumber(const char *text, uint32_t *number) {
    if (!text || !*text || strlen(text) > 9 || text[strspn(text, "0123456789")]) return false;
    *number = strtoul(text, nullptr, 10);
    return true;
  }

  Settings settings_;
  bool armed_;
  bool resting_ = false;
  uint8_t resets_ = 0;
  bool level_ = false, pressed_ = false;
  Span patience_, grace_, pulse_, still_;
};
