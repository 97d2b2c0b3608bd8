package journal

import (
	"fmt"
	"strings"

	"go.uber.org/zap"
)

// engineLog passes the server's warnings on, and rings at an error: the server answers a failed append with silence.
// It keeps the first fatal message, because a start that went wrong is said here and nowhere else.
type engineLog struct {
	log   *zap.Logger
	alarm func() // must not block
	cause chan error
}

func newEngineLog(log *zap.Logger, alarm func()) *engineLog {
	return &engineLog{log, alarm, make(chan error, 1)}
}

func (l *engineLog) fatal() error {
	select {
	case err := <-l.cause:
		return err
	default:
		return nil
	}
}

func (l *engineLog) Fatalf(format string, v ...any) {
	select {
	case l.cause <- fmt.Errorf(format, v...):
	default:
	}
}

func (l *engineLog) Errorf(format string, v ...any) {
	l.log.Error("journal engine", zap.String("says", strings.TrimSpace(fmt.Sprintf(format, v...))))
	l.alarm()
}

func (l *engineLog) Warnf(format string, v ...any) {
	l.log.Warn("journal engine", zap.String("says", strings.TrimSpace(fmt.Sprintf(format, v...))))
}

func (l *engineLog) Noticef(string, ...any) {}
func (l *engineLog) Debugf(string, ...any)  {}
func (l *engineLog) Tracef(string, ...any)  {}
