#!/usr/bin/perl
# A serial port for tests: prints the path of its end, then what is written there; what it reads goes there.
use strict;
use warnings;
$| = 1;
open my $master, '+<', '/dev/ptmx' or die "/dev/ptmx: $!\n";
my $number = pack 'i', 0;
ioctl $master, 0x40045431, $number or die "unlock: $!\n";    # TIOCSPTLCK
ioctl $master, 0x80045430, $number or die "number: $!\n";    # TIOCGPTN
my $path = '/dev/pts/' . unpack 'i', $number;
# Held open: without a reader on the other side, reading here fails.
open my $held, '+<', $path or die "$path: $!\n";
print "$path\n";
while (1) {
    my $bits = q{};
    vec($bits, fileno $master, 1) = 1;
    vec($bits, fileno STDIN, 1) = 1;
    select $bits, undef, undef, undef;
    my ($from, $to) = vec($bits, fileno STDIN, 1) ? (*STDIN, $master) : ($master, *STDOUT);
    sysread $from, my $piece, 4096 or exit;
    syswrite $to, $piece;
}
