"""Who comes to the window: made-up people, whose numbers say what the simulated gateway makes of them."""

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# How the numbers of the simulated gateway end, and what it makes of them.
INVALID, ABSENT, RELUCTANT, GOOD = "0000", "0001", "0002", "5"


def resident_id(number):
    """A valid GB 11643 number that belongs to nobody."""
    digits = f"11010219{40 + number % 60:02d}0101{number % 1000:03d}"
    return digits + "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, digits)) % 11]


def in_words(number):
    return "".join("甲乙丙丁戊己庚辛壬癸"[int(digit)] for digit in f"{number:06d}")


def digits_of(phone):
    """Of a mobile number, however it is written."""
    return "".join(filter(str.isdigit, phone))[-11:]


class Person:
    def __init__(self, number, fate):
        self.number = number
        self.name = "试" + in_words(number)
        self.fate = fate
        ending = f"{number // 50000:03d}5" if fate == GOOD else fate
        self.phones = [f"13{5 + number // 10000 % 5}{number % 10000:04d}{ending}"]  # those that were taken for right
        self.resident_id = resident_id(number)

    def another_phone(self, digit):
        """That ends alike."""
        return f"18{digit}{self.phones[0][3:]}"
