// The board's lasting memory: one truth, which survives a restart of the sketch.
#pragma once

struct Preferences {
  bool begin(const char *name, bool readOnly);
  bool getBool(const char *key, bool otherwise);
  unsigned putBool(const char *key, bool value);
};
