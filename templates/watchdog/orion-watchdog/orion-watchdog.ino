// The watchdog at the reset header of a node: an ESP32 that hears the Keeper's heartbeat over USB and pulls reset when it falls silent.
// Wiring: README.md beside this file. Every decision: heartbeat.h.
#include <Preferences.h>

#include "heartbeat.h"

// Not one of the pins that the chip reads when it starts (0, 2, 5, 12, 15) for the line that matters.
constexpr uint8_t RESET_PIN = 26;
constexpr uint8_t RESET_PULLS = HIGH;  // through a transistor or an optocoupler; LOW for a module that inverts
constexpr uint8_t BUTTON_PIN = 27;     // to ground
constexpr uint8_t LIGHT_PIN = 2;       // on most boards the blue one
constexpr uint32_t BAUD = 115200;

Preferences memory;
LineReader line;
Heartbeat heartbeat(Settings(), true);

void setup() {
  // The level first: as an output it must never have pulled.
  digitalWrite(RESET_PIN, !RESET_PULLS);
  pinMode(RESET_PIN, OUTPUT);
  pinMode(BUTTON_PIN, INPUT_PULLUP);
  pinMode(LIGHT_PIN, OUTPUT);
  Serial.begin(BAUD);
  // Opening the port may restart the board: who disarmed it for a repair finds it disarmed.
  memory.begin("orion", false);
  heartbeat = Heartbeat(Settings(), memory.getBool("armed", true));
  heartbeat.begin(millis());
}

void answer(uint32_t now) {
  Serial.printf("orion-watchdog %s %lu\n", heartbeat.armed() ? "armed" : "disarmed", (unsigned long)heartbeat.left(now));
}

void loop() {
  uint32_t now = millis();
  while (Serial.available() > 0) {
    const char *text = line.take((char)Serial.read());
    if (text && heartbeat.hear(text, now)) answer(now);
  }
  if (heartbeat.press(digitalRead(BUTTON_PIN) == LOW, now)) {
    memory.putBool("armed", heartbeat.armed());
    answer(now);
  }
  heartbeat.tick(now);
  digitalWrite(RESET_PIN, heartbeat.pulling() ? RESET_PULLS : !RESET_PULLS);
  digitalWrite(LIGHT_PIN, heartbeat.light(now) ? HIGH : LOW);
}
