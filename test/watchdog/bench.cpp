// Runs the sketch as a board would, told by lines: `until MS` (since power-up), `say TEXT`, `raw HEX`, `button 0|1`, `restart`.
// Usage: bench MILLIS (what millis() says at power-up). Prints `MS pull`, `MS release`, `MS light 0|1` with `lights`, and `MS > ANSWER`.
#include <cstdarg>
#include <cstdio>
#include <deque>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

#include "Arduino.h"
#include "orion-watchdog.ino"

static uint32_t start, at;
static std::map<int, int> level, mode;
static std::deque<char> input;
static bool stored, value, pressed, lights;
SerialPort Serial;

static void show(const std::string &what) { std::cout << at << ' ' << what << '\n'; }

uint32_t millis() { return start + at; }
void pinMode(uint8_t pin, uint8_t wanted) { mode[pin] = wanted; }
int digitalRead(uint8_t) { return pressed ? LOW : HIGH; }
void digitalWrite(uint8_t pin, uint8_t wanted) {
  int had = level.count(pin) ? level[pin] : -1;
  level[pin] = wanted;
  if (pin == RESET_PIN && mode[pin] == OUTPUT && had != wanted) show(wanted == RESET_PULLS ? "pull" : "release");
  if (pin == LIGHT_PIN && lights && had != wanted) show(wanted ? "light 1" : "light 0");
}
void SerialPort::begin(unsigned long baud) {
  if (baud != 115200) show("wrong baud");
}
int SerialPort::available() { return (int)input.size(); }
int SerialPort::read() {
  int c = (unsigned char)input.front();
  input.pop_front();
  return c;
}
int SerialPort::printf(const char *format, ...) {
  char text[200];
  va_list words;
  va_start(words, format);
  int size = vsnprintf(text, sizeof text, format, words);
  va_end(words);
  std::cout << at << " > " << text;
  return size;
}
bool Preferences::begin(const char *, bool) { return true; }
bool Preferences::getBool(const char *, bool otherwise) { return stored ? value : otherwise; }
unsigned Preferences::putBool(const char *, bool wanted) { return stored = true, value = wanted, 1; }

int main(int, char **argv) {
  start = (uint32_t)std::stoul(argv[1]);
  setup();
  for (std::string text; std::getline(std::cin, text);) {
    std::istringstream words(text);
    std::string verb, rest;
    words >> verb;
    std::getline(words >> std::ws, rest);
    if (verb == "say") {
      for (char c : rest + "\r\n") input.push_back(c);
    } else if (verb == "raw") {
      for (size_t i = 0; i + 1 < rest.size(); i += 2) input.push_back((char)std::stoi(rest.substr(i, 2), nullptr, 16));
    } else if (verb == "button") {
      pressed = rest == "1";
    } else if (verb == "lights") {
      lights = true;
    } else if (verb == "restart") {
      setup();
    } else if (verb == "until") {
      for (uint32_t end = (uint32_t)std::stoul(rest); at < end; at += 10) loop();
    }
    loop();
  }
}
