package evm

import (
	"fmt"

	"headwatch/delivery"
)

// contained makes an error of a panic. What nodes answer is judged in goroutines of this package, where no one else would: a defect
// that one answer finds must not end the watch.
func contained(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a defect of headwatch: panic: %s", delivery.PanicText(p))
		}
	}()
	return do()
}

// alone drives a way. One in which there was a panic goes on, as far as anybody knows: the other way must not end for it.
func alone(name string, drive func() way) (w way) {
	err := contained(func() error {
		w = drive()
		return nil
	})
	if err != nil {
		return way{Name: name, Begun: true, Why: err.Error(), Trouble: true}
	}
	return w
}
