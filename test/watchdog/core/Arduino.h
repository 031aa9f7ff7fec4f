// As much of Arduino's core as the sketch uses, on this machine: a clock and pins that the bench moves.
#pragma once
#include <stdint.h>

constexpr uint8_t LOW = 0, HIGH = 1, INPUT = 1, INPUT_PULLUP = 5, OUTPUT = 3;

uint32_t millis();
void pinMode(uint8_t pin, uint8_t mode);
void digitalWrite(uint8_t pin, uint8_t level);
int digitalRead(uint8_t pin);

struct SerialPort {
  void begin(unsigned long baud);
  int available();
  int read();
  int printf(const char *format, ...) __attribute__((format(printf, 2, 3)));
};
extern SerialPort Serial;
